// Fills a tensor with one value: what pad does before it copies.
#pragma once

#include "contract/ops/fill_params.h"

namespace mote::kernels {

// Elements of 1, 2 or 4 bytes, whatever their type.
//   y[i] = bits
// Shapes  y [count], aligned to its elements
// Memory  scratch 0
// Errors  none; the compiler proved the arguments
void fill_x8_portable(const FillParams& p, void* y);
void fill_x16_portable(const FillParams& p, void* y);
void fill_x32_portable(const FillParams& p, void* y);

}  // namespace mote::kernels
