// Lowering of a whole graph.
#include "host/program/program.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "host/ops/op.h"

namespace mote {

std::int64_t Program::scratch_bytes(std::size_t node) const {
  std::int64_t most = 0;
  const Fused* run = fused_at(node);
  for (const KernelCall& call : run != nullptr ? run->calls : nodes.at(node).calls)
    most = std::max(most, call.scratch_bytes);
  return most;
}

const Fused* Program::fused_at(std::size_t node) const {
  for (const Fused& run : fused) {
    if (run.contains(node)) return &run;
  }
  return nullptr;
}

std::int64_t Program::stored_bytes(TensorId id) const {
  for (const Fused& run : fused) {
    for (const Fused::Window& window : run.windows) {
      if (window.tensor == id) return window.rows * row_bytes(id);
    }
  }
  return graph.tensor(id).size_bytes();
}

Result<Program> lower_graph(const Graph& graph, const IsaSet& isas) {
  Program program;
  program.graph = graph;
  program.storage.resize(graph.tensors.size());
  std::iota(program.storage.begin(), program.storage.end(), TensorId{0});
  for (const Node& node : graph.nodes) {
    auto lowered = op_row(node.kind).def->lower(graph, node, isas);
    if (!lowered.ok()) return std::move(lowered).error().in(graph.where(node)).in(graph.source);
    if (lowered.value().is_alias()) {
      program.storage[static_cast<std::size_t>(node.outputs[0])] =
          program.storage[static_cast<std::size_t>(node.inputs[0])];
    }
    program.nodes.push_back(std::move(lowered).value());
  }
  for (const TensorId id : graph.outputs) {
    if (program.is_stored_constant(id)) {
      return Error{"does not depend on any input",
                   fmt::format("{}: output tensor '{}'", graph.source, graph.tensor(id).name),
                   "remove this output from the model, it is a constant"};
    }
  }
  return program;
}

}  // namespace mote
