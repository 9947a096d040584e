// A strided copy: what every operator that only moves elements becomes (concatenation, transpose, slices, pad, ...).
#pragma once

#include "contract/ops/copy_params.h"

namespace mote::kernels {

// Elements of 1, 2, 4 or 8 bytes, whatever their type.
//   y[out_begin + sum_d i[d] * out_stride[d]] = x[in_begin + sum_d i[d] * in_stride[d]]     0 <= i[d] < extent[d]
// Shapes  x, y of any shape, aligned to their elements
// Bounds  every index lies inside its tensor, so |index| < 2^31
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
void copy_x8_portable(const CopyParams& p, const void* x, void* y);
void copy_x16_portable(const CopyParams& p, const void* x, void* y);
void copy_x32_portable(const CopyParams& p, const void* x, void* y);
void copy_x64_portable(const CopyParams& p, const void* x, void* y);

}  // namespace mote::kernels
