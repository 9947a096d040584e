// The smaller of two tensors' elements, either of them broadcast.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote::kernels {

// Numbers as they are: quantised operands and output share scale and zero point.
//   y = a < b ? a : b, at the indices that y's index broadcasts to
// Shapes  a, b of one type, up to kBroadcastRank dimensions . y [count] of the same type
// Memory  scratch 0; y may be a or b where that operand has y's shape
// Errors  none; the compiler proved the arguments
void minimum_s8_portable(const BroadcastParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);
void minimum_s16_portable(const BroadcastParams& p, const std::int16_t* a, const std::int16_t* b, std::int16_t* y);
void minimum_s32_portable(const BroadcastParams& p, const std::int32_t* a, const std::int32_t* b, std::int32_t* y);
void minimum_f32_portable(const BroadcastParams& p, const float* a, const float* b, float* y);

}  // namespace mote::kernels
