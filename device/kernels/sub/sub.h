// Difference of two tensors, either of them broadcast.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote::kernels {

// int8, a and b at the indices that y's index broadcasts to.
//   a' = requantize_double_rounding((a + a_offset) * 2^left_shift, a_multiplier, a_shift)     b' likewise
//   y  = clamp(out_offset + requantize_double_rounding(a' - b', out_multiplier, out_shift))
// Shapes  a, b s8, up to kBroadcastRank dimensions . y [count] s8
// Bounds  left_shift = 20, a_multiplier * 2^a_shift <= 1/2  =>  |a'|, |b'| < 2^28
// Memory  scratch 0; y may be a or b where that operand has y's shape
// Errors  none; the compiler proved the arguments
// Source  TFLite 8-bit quantisation specification; outputs of the tflite-micro wheel
void sub_s8_portable(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);

// int16: the same.
// Shapes  a, b s16 . y [count] s16
// Bounds  left_shift = 15, zero points are 0  =>  |a'|, |b'| <= 2^29
// Memory  as above
void sub_s16_portable(const ScaledBinaryParams& p, const std::int16_t* a, const std::int16_t* b, std::int16_t* y);

// int32, not quantised: y = a - b modulo 2^32.
// Shapes  a, b s32 . y [count] s32
// Memory  as above
void sub_s32_portable(const BroadcastParams& p, const std::int32_t* a, const std::int32_t* b, std::int32_t* y);

// float32: y = clamp(a - b).
// Shapes  a, b f32 . y [count] f32
// Memory  as above
void sub_f32_portable(const BinaryF32Params& p, const float* a, const float* b, float* y);

}  // namespace mote::kernels
