// Quantisation of floats and conversion between integer quantisations. 8 bits to 8 bits is a table lookup
// (device/kernels/lookup).
#pragma once

#include <cstdint>

#include "contract/ops/quantize_params.h"

namespace mote::kernels {

// float32 to int8 or int16.
//   y[i] = clamp(round(x[i] / scale) + zero_point)     ties away from zero; what is not a number becomes zero_point
// Shapes  x [count] f32 . y [count] s8 or s16
// Bounds  x / scale is cut off at +-2^17 first, which no result can tell
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
// Source  TFLite 8-bit quantisation specification; outputs of the tflite-micro wheel
void quantize_f32_s8_portable(const QuantizeParams& p, const float* x, std::int8_t* y);
void quantize_f32_s16_portable(const QuantizeParams& p, const float* x, std::int16_t* y);

// Integers to integers of another width, scale or zero point.
//   y[i] = clamp(out_offset + requantize_double_rounding(x[i] + in_offset, multiplier, shift))
// Shapes  x, y [count]
// Bounds  |in_offset|, |out_offset| <= 2^15. From s8: shift <= 21, from s16: shift <= 12  =>  |requantised| < 2^30.
// From s32
//         x + in_offset is cut off at the ends of int32, and a left shift that leaves them wraps as the reference's
//         does
// Memory  scratch 0; y may be x where both are s16, else it must not overlap x
// Errors  none; the compiler proved the arguments
// Source  TFLite 8-bit quantisation specification; outputs of the tflite-micro wheel
void quantize_s8_s16_portable(const RequantizeParams& p, const std::int8_t* x, std::int16_t* y);
void quantize_s8_s32_portable(const RequantizeParams& p, const std::int8_t* x, std::int32_t* y);
void quantize_s16_s8_portable(const RequantizeParams& p, const std::int16_t* x, std::int8_t* y);
void quantize_s16_s16_portable(const RequantizeParams& p, const std::int16_t* x, std::int16_t* y);
void quantize_s16_s32_portable(const RequantizeParams& p, const std::int16_t* x, std::int32_t* y);
void quantize_s32_s8_portable(const RequantizeParams& p, const std::int32_t* x, std::int8_t* y);
void quantize_s32_s16_portable(const RequantizeParams& p, const std::int32_t* x, std::int16_t* y);

}  // namespace mote::kernels
