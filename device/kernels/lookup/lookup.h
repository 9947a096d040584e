// A table lookup: what every unary operator on 8-bit elements becomes.
#pragma once

#include <cstdint>

#include "contract/ops/elementwise_params.h"

namespace mote::kernels {

// 8-bit elements to 8-bit elements, signed or not; the table is indexed by the byte as it lies in memory, so that an
// int8 table runs 0 .. 127, -128 .. -1 and the index needs no offset.
//   y[i] = table[x[i]]
// Shapes  x [count] 8 bits . table [256] u8 . y [count] 8 bits
// Bounds  none
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  the compiler evaluated the operator's own integer arithmetic for all 256 inputs
void lookup_x8_portable(const ElementwiseParams& p, const void* x, const std::uint8_t* table, void* y);

}  // namespace mote::kernels
