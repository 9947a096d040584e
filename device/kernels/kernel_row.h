// The vocabulary of a row in kernels.inc: predicates and costs shared by all operators.
#pragma once

#include <cstdint>

namespace mote::kernels {

template <class Params>
[[nodiscard]] constexpr bool fits_all(const Params& /*params*/) {
  return true;
}

template <class Params>
[[nodiscard]] constexpr std::int64_t no_scratch(const Params& /*params*/) {
  return 0;
}

// Relative cost of plain loops. A faster kernel states less; the unit is arbitrary within one family.
template <class Params>
[[nodiscard]] constexpr std::int64_t cost_portable(const Params& /*params*/) {
  return 1000;
}

// The order in which a kernel reads its input and writes its output: what the planner may count on when the two
// overlap. Output pixels are taken in steps, first to last; a rest of fewer than `step_pixels` goes pixel by pixel.
struct WalkOrder {
  std::int64_t step_pixels = 0;     // pixels that a step writes; 0: no order is promised
  bool reads_ahead = false;         // a step reads all that it needs before it writes anything
  bool reads_once = false;          // what a step has read, later steps do not read again
  std::int32_t slice_channels = 0;  // all steps for so many channels, then for the next; 0: for all channels at once
};

template <class Params>
[[nodiscard]] constexpr WalkOrder no_order(const Params& /*params*/) {
  return {};
}

// Plain loops: a pixel's window is read while its channels are written.
template <class Params>
[[nodiscard]] constexpr WalkOrder pixel_by_pixel(const Params& /*params*/) {
  return {1, false, false, 0};
}

}  // namespace mote::kernels
