// Average over a window.
#pragma once

#include <cstdint>

#include "contract/ops/pool_2d_params.h"

namespace mote::kernels {

// int8. Padding is not part of the window.
//   sum        = sum_ij x[n, h*s+i-p, w*s+j-p, c],  count = elements of the window inside the input
//   y[n,h,w,c] = clamp((sum +- count/2) / count)     the sign of sum; division truncates
// Shapes  x [N,H,W,C] s8 . y [N,OH,OW,C] s8
// Bounds  KH*KW <= 2^23  =>  |sum +- count/2| < 2^31
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments, and that every window covers an element
// Source  TFLite 8-bit quantisation specification
void average_pool_2d_s8_portable(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

// int16: the same.
// Shapes  x [N,H,W,C] s16 . y [N,OH,OW,C] s16
// Bounds  KH*KW <= 2^15  =>  |sum +- count/2| < 2^31
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void average_pool_2d_s16_portable(const Pool2dParams& p, const std::int16_t* x, std::int16_t* y);

// float32.
//   y[n,h,w,c] = clamp(sum / count), summed in the order i, j
// Shapes  x [N,H,W,C] f32 . y [N,OH,OW,C] f32
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void average_pool_2d_f32_portable(const Pool2dF32Params& p, const float* x, float* y);

// The same as average_pool_2d_s8_portable for Armv7E-M.
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void average_pool_2d_s8_armv7em(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_words(const Pool2dParams& /*p*/) { return 300; }

// The same for cores without SIMD.
// Memory  as above
void average_pool_2d_s8_armv6m(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);
void average_pool_2d_s8_rv32imc(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

// The same as average_pool_2d_s8_portable for MVE.
// Bounds  KH*KW <= 2^8  =>  -2^15 <= sum < 2^15
// Memory  scratch 0; y must not overlap x
void average_pool_2d_s8_mve(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

[[nodiscard]] constexpr bool fits_short_sums(const Pool2dParams& p) {
  return static_cast<std::int64_t>(p.kernel_h) * p.kernel_w <= 1 << 8;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_short_sums(const Pool2dParams& /*p*/) { return 60; }

}  // namespace mote::kernels
