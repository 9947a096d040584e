// How far the output of an operator may reach into its input.
#pragma once

#include <cstdint>
#include <optional>

#include "host/program/program.h"

namespace mote {

// The output may share bytes with the input: at the same address where `in_place`, else at any lower one that is behind
// by the lead.
struct Overlap {
  bool in_place = false;
  std::int64_t lead_bytes = 0;  // offset of the input - offset of the output >= this
};

// Output 0 of a node over its input 0, from the windows that the operator reads and the order that its kernel promises.
// Nothing where the kernel promises none.
[[nodiscard]] std::optional<Overlap> overlap_of(const Graph& graph, const Node& node, const Lowered& lowered);

}  // namespace mote
