// The text form of a graph; parse(print(g)) == g. The form is described in docs/formats.md.
#pragma once

#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Prints every tensor, node and constant. Floats are printed so that they read back bit-identically.
[[nodiscard]] std::string print_graph(const Graph& graph);

// Reads print_graph's output, or what a person wrote in that form. The graph is as stated, not verified.
// Errors name line and column.
Result<Graph> parse_graph(std::string_view text);

}  // namespace mote
