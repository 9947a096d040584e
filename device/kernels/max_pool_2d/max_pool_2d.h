// Largest element of a window.
#pragma once

#include <cstdint>

#include "contract/ops/pool_2d_params.h"

namespace mote::kernels {

// int8. Padding is not part of the window.
//   y[n,h,w,c] = clamp(max_ij x[n, h*s+i-p, w*s+j-p, c])
// Shapes  x [N,H,W,C] s8 . y [N,OH,OW,C] s8
// Bounds  none
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments, and that every window covers an element
// Source  TFLite 8-bit quantisation specification
void max_pool_2d_s8_portable(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

// int16: the same.
// Shapes  x [N,H,W,C] s16 . y [N,OH,OW,C] s16
// Bounds  none
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void max_pool_2d_s16_portable(const Pool2dParams& p, const std::int16_t* x, std::int16_t* y);

// float32.
//   y[n,h,w,c] = clamp(max_ij x[n, h*s+i-p, w*s+j-p, c])
// Shapes  x [N,H,W,C] f32 . y [N,OH,OW,C] f32
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void max_pool_2d_f32_portable(const Pool2dF32Params& p, const float* x, float* y);

// The same as max_pool_2d_s8_portable for MVE.
// Memory  scratch 0; y must not overlap x
void max_pool_2d_s8_mve(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y);

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_vectors(const Pool2dParams& /*p*/) { return 50; }

}  // namespace mote::kernels
