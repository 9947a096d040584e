// The parametric rectified linear unit: a slope of its own for every element or channel.
#pragma once

#include <cstdint>

#include "contract/ops/prelu_params.h"

namespace mote::kernels {

// int8, the slope alpha at the index that y's index broadcasts to.
//   v = x + a_offset
//   y = clamp(out_offset + (v >= 0 ? requantize_double_rounding(v, positive_)
//                                  : requantize_double_rounding(v * (alpha + b_offset), negative_)))
// Shapes  x, y [count] s8 . alpha s8, up to kBroadcastRank dimensions
// Bounds  |v| < 2^8, |v * alpha| < 2^16; positive_shift <= 21, negative_shift <= 14  =>  |requantised| < 2^30
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  TFLite reference; outputs of the tflite-micro wheel
void prelu_s8_portable(const PreluParams& p, const std::int8_t* x, const std::int8_t* alpha, std::int8_t* y);

// float32: y = x >= 0 ? x : x * alpha.
// Shapes  as above, all f32
// Memory  scratch 0; y may be x
void prelu_f32_portable(const BroadcastParams& p, const float* x, const float* alpha, float* y);

}  // namespace mote::kernels
