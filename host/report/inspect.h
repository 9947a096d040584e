// A graph as a person or a program wants to read it: operators, shapes, scales, work, bytes, kernels.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "host/ir/graph.h"
#include "host/ops/kernel.h"

namespace mote {

struct InspectOptions {
  IsaSet isas;                  // instruction sets that kernels are chosen for
  std::size_t max_width = 120;  // columns; names are cut first, then kernels
};

// Tables of the ports and of the operators, with totals. For a graph that has passed verify(). An operator that cannot
// be lowered shows no kernel; the reason stands below the table.
[[nodiscard]] std::string inspect_table(const Graph& graph, const InspectOptions& options = {});

// The same facts with nothing cut. Dump it with error_handler_t::replace: the source, a path, may be any bytes.
[[nodiscard]] nlohmann::json inspect_json(const Graph& graph, const InspectOptions& options = {});

}  // namespace mote
