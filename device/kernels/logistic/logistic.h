// The logistic function 1 / (1 + e^-x). int8 is a table lookup (device/kernels/lookup).
#pragma once

#include <cstdint>

#include "contract/ops/elementwise_params.h"
#include "contract/ops/sigmoid_params.h"

namespace mote::kernels {

// int16, output scale 2^-15: linear interpolation in a table of sigmoid(i / 24).
//   u    = (x[i] * multiplier + 2^(shift-1)) >> shift                        no rounding term when shift is 0
//   s    = (2^9 - f) * table[h] + f * table[h+1],  h = |u| >> 9, f = |u| & 511;  s = 0x7FFF * 2^10 when h >= 255
//   y[i] = (u >= 0 ? s + 2^9 : 2^25 - s + 2^9 - 1) >> 10
// Shapes  x, y [count] s16
// Bounds  0 <= multiplier <= 2^15 - 1, 0 <= shift <= 31  =>  |x * multiplier| + 2^30 < 2^31, s < 2^25
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  TFLite int16 reference; outputs of the tflite-micro wheel
void logistic_s16_portable(const SigmoidParams& p, const std::int16_t* x, std::int16_t* y);

// float32, from +, -, *, / alone; see contract/math/elementary.h.
//   y[i] = 1 / (1 + e^-x[i])
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
void logistic_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
