// What the rank-decomposed filter is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

struct SvdfParams {
  std::int32_t features;  // of the input
  std::int32_t units;     // of the output
  std::int32_t rank;      // filters per unit
  std::int32_t memory;    // steps that a filter remembers
  std::int32_t in_offset;
  std::int32_t feature_multiplier, feature_shift;  // from feature sums to the state
  std::int32_t state_zero_point, state_min, state_max;
  std::int32_t time_multiplier, time_shift;  // from time sums to the output
  std::int32_t out_offset, clamp_min, clamp_max;
};

}  // namespace mote
