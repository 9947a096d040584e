// The index of the largest element along an axis.
#pragma once

#include <cstdint>

#include "contract/ops/arg_max_params.h"

namespace mote::kernels {

//   y[o, k] = the smallest a with x[o, a, k] = max_b x[o, b, k]
// Shapes  x [outer, axis, inner] s8 or f32 . y [outer, inner] s32
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
void arg_max_s8_portable(const ArgMaxParams& p, const std::int8_t* x, std::int32_t* y);
void arg_max_f32_portable(const ArgMaxParams& p, const float* x, std::int32_t* y);

}  // namespace mote::kernels
