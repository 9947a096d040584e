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
  std::int64_t lower_bound_bytes = 0;  // the most that must be distinct at one step
};

// Buffers that are alive together are disjoint, but for the overlap that a lead allows.
// Greedy placement in several orders first; when none reaches the lower bound, a branch-and-bound search over first-fit
// orders, exact when it finishes within its budget of steps, then exchanges in the best order found. Deterministic.
[[nodiscard]] Placed place_buffers(std::span<const Buffer> buffers, std::span<const Lead> leads = {});

// The bytes that must be distinct at a step, wherever the buffers lie: sizes, less what outputs may share with inputs.
[[nodiscard]] std::int64_t distinct_bytes(std::span<const Buffer> buffers, std::span<const Lead> leads,
                                          std::int64_t step);

}  // namespace mote
