// Quantised numbers to float32.
#pragma once

#include <cstdint>

#include "contract/ops/dequantize_params.h"

namespace mote::kernels {

//   y[i] = scale * (x[i] - zero_point)
// Shapes  x [count] s8, u8 or s16 . y [count] f32
// Bounds  |x - zero_point| < 2^17, so the difference is exact in float32
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
void dequantize_s8_portable(const DequantizeParams& p, const std::int8_t* x, float* y);
void dequantize_u8_portable(const DequantizeParams& p, const std::uint8_t* x, float* y);
void dequantize_s16_portable(const DequantizeParams& p, const std::int16_t* x, float* y);

}  // namespace mote::kernels
