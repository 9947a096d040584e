// The mean over any axes.
#pragma once

#include <cstdint>

#include "contract/ops/mean_params.h"

namespace mote::kernels {

// int8 and int16.
//   acc  = acc_offset + sum_j x[k . keep_stride + j . sum_stride]     0 <= j < sum_extent
//   y[k] = clamp(out_offset + requantize_double_rounding(acc, multiplier, shift))     k in row-major order
// Shapes  x of any shape . y [prod keep_extent]
// Bounds  at most 2^22 (s8) or 2^14 (s16) elements are summed  =>  |acc| < 2^31; the ratio of the scales is below 2^21
// or 2^12 Memory  scratch 0; y must not overlap x Errors  none; the compiler proved the arguments Source  TFLite
// reference; outputs of the tflite-micro wheel
void mean_s8_portable(const MeanParams& p, const std::int8_t* x, std::int8_t* y);
void mean_s16_portable(const MeanParams& p, const std::int16_t* x, std::int16_t* y);

// float32. Sums in row-major order, starting from 0.
//   y[k] = (sum_j x[...]) / count
// Shapes  as above, all f32
// Memory  scratch 0; y must not overlap x
void mean_f32_portable(const MeanF32Params& p, const float* x, float* y);

}  // namespace mote::kernels
