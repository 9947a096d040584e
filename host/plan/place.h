// Offsets for buffers with known lifetimes: offline dynamic storage allocation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/plan/buffers.h"

namespace mote {

struct Placed {
  std::vector<std::int64_t> offset_bytes;  // per buffer
  std::int64_t arena_bytes = 0;
  std::int64_t lower_bound_bytes = 0;  // the largest sum of sizes alive at one step
};

// Greedy placement in several orders first; when none reaches the lower bound, a branch-and-bound search over first-fit
// orders, exact when it finishes within its budget of steps. Deterministic.
[[nodiscard]] Placed place_buffers(std::span<const Buffer> buffers);

}  // namespace mote
