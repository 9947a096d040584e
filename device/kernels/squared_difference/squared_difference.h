// The square of the difference of two tensors, either of them broadcast.
#pragma once

#include <cstdint>

#include "contract/ops/squared_difference_params.h"

namespace mote::kernels {

// int8, a and b at the indices that y's index broadcasts to.
//   d = requantize_double_rounding((a + a_offset) * 2^7, a_) - requantize_double_rounding((b + b_offset) * 2^7, b_)
//   y = clamp(out_offset + requantize_double_rounding(d * d, out_))
// Shapes  a, b s8, up to kBroadcastRank dimensions . y [count] s8
// Bounds  |operand| < 2^15, factors a_ and b_ <= 1/2  =>  |d| < 2^15, d * d < 2^30; out_shift <= 0
// Memory  scratch 0; y may be a or b where that operand has y's shape
// Errors  none; the compiler proved the arguments
// Source  TFLite reference; outputs of the tflite-micro wheel
void squared_difference_s8_portable(const SquaredDifferenceParams& p, const std::int8_t* a, const std::int8_t* b,
                                    std::int8_t* y);

// float32: y = (a - b) * (a - b).
// Shapes  as above, all f32
// Memory  as above
void squared_difference_f32_portable(const BroadcastParams& p, const float* a, const float* b, float* y);

}  // namespace mote::kernels
