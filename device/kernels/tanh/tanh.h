// The hyperbolic tangent. int8 is a table lookup (device/kernels/lookup).
#pragma once

#include <cstdint>

#include "contract/ops/elementwise_params.h"
#include "contract/ops/sigmoid_params.h"

namespace mote::kernels {

// int16, output scale 2^-15: tanh(x) = 2 * sigmoid(2x) - 1, by linear interpolation in a table of sigmoid(i / 24).
//   u    = (x[i] * multiplier + 2^(shift-1)) >> shift                        no rounding term when shift is 0
//   s    = (2^8 - f) * table[h] + f * table[h+1],  h = |u| >> 8, f = |u| & 255;  s = 0xFFFF * 2^8 when h >= 255
//   y[i] = (u >= 0 ? s - 2^23 + 2^7 : 2^23 - s + 2^7 - 1) >> 8
// Shapes  x, y [count] s16
// Bounds  0 <= multiplier <= 2^15 - 1, 0 <= shift <= 31  =>  |x * multiplier| + 2^30 < 2^31, s < 2^24
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  TFLite int16 reference; outputs of the tflite-micro wheel
void tanh_s16_portable(const SigmoidParams& p, const std::int16_t* x, std::int16_t* y);

// float32, from +, -, *, / alone; see contract/math/elementary.h.
//   y[i] = tanh x[i]
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
void tanh_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
