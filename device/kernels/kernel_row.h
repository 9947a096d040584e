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

}  // namespace mote::kernels
