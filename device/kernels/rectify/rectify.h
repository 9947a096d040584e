// Piecewise linear activations: relu, relu6, leaky_relu. int8 is a table lookup (device/kernels/lookup).
#pragma once

#include <cstdint>

#include "contract/ops/rectify_params.h"

namespace mote::kernels {

// int16.
//   v    = x[i] + in_offset
//   y[i] = clamp(out_offset + requantize_double_rounding(v, multiplier, shift)), positive_ where v >= 0, else negative_
// Shapes  x, y [count] s16
// Bounds  |v| < 2^17, shift <= 12  =>  |requantised| < 2^29
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  TFLite int16 reference; outputs of the tflite-micro wheel
void rectify_s16_portable(const RectifyParams& p, const std::int16_t* x, std::int16_t* y);

// float32.
//   y[i] = clamp(x[i] > 0 ? x[i] : x[i] * slope)
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
void rectify_f32_portable(const RectifyF32Params& p, const float* x, float* y);

}  // namespace mote::kernels
