// What the int8 squared difference kernel is told beside its tensors.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote {

// Both operands are first scaled to twice the larger of their scales, with 7 more bits.
struct SquaredDifferenceParams {
  std::int32_t count;
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
  std::int32_t a_offset, b_offset;  // minus the operands' zero points
  std::int32_t a_multiplier, a_shift;
  std::int32_t b_multiplier, b_shift;
  std::int32_t out_multiplier, out_shift;
  std::int32_t out_offset;  // the output's zero point
};

}  // namespace mote
