// What the int8 parametric ReLU kernel is told beside their tensors; operand a is the input, b the slopes.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote {

struct PreluParams {
  std::int32_t count;
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
  std::int32_t a_offset, b_offset;                   // minus the zero points
  std::int32_t positive_multiplier, positive_shift;  // for the input
  std::int32_t negative_multiplier, negative_shift;  // for its product with the slope
  std::int32_t out_offset;                           // the output's zero point
};

}  // namespace mote
