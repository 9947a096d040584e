// The list of passes. One file per pass: file = flag = test (fold_pad.cc <-> --pass fold_pad <-> fold_pad_test.cc).
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Rewrites the graph in place and says whether anything changed. The result computes the same bytes for every input.
struct Pass {
  std::string_view name;     // "fold_pad"
  std::string_view summary;  // one line for --help
  Result<bool> (*run)(Graph& graph);
};

// All passes in their default order.
[[nodiscard]] std::span<const Pass> all_passes();
[[nodiscard]] const Pass* find_pass(std::string_view name);

struct PassOptions {
  std::vector<std::string> only;  // names to run, in order; empty: the default pipeline until nothing changes
  bool verify_each = true;        // run verify() after every pass that changed something
  // Called before and after each pass that changed the graph.
  std::function<void(const Pass& pass, const Graph& before, const Graph& after)> on_change;
};

// Runs passes. Errors: an unknown name; a pass that breaks the graph (named).
Status run_passes(Graph& graph, const PassOptions& options);

}  // namespace mote
