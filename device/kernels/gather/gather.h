// Rows of a table picked by index.
#pragma once

#include <cstdint>

#include "contract/ops/gather_params.h"

namespace mote::kernels {

// Elements of 1 or 4 bytes, whatever their type.
//   y[o, i, :] = x[o, clamp(index[i], 0, axis - 1), :]     the clamp keeps hostile indices inside x
// Shapes  x [outer, axis, inner] . index [indices] s32 . y [outer, indices, inner]
// Memory  scratch 0; y must not overlap x or index
// Errors  none; the compiler proved the arguments
void gather_x8_portable(const GatherParams& p, const void* x, const std::int32_t* index, void* y);
void gather_x32_portable(const GatherParams& p, const void* x, const std::int32_t* index, void* y);

}  // namespace mote::kernels
