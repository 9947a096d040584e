// Lowering of a whole graph.
#include "host/program/program.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "contract/wire/model_image.h"
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

namespace {

// States in the order of storing, which ends each run.
Status order_states(Program& p) {
  const std::vector<State>& states = p.graph.states;
  std::vector<bool> stored(states.size(), false);
  while (p.store_order.size() < states.size()) {
    const std::size_t before = p.store_order.size();
    for (std::size_t s = 0; s < states.size(); ++s) {
      if (stored[s]) continue;
      // Its old value may be overwritten only when no other state is still to take it.
      bool wanted = false;
      for (std::size_t o = 0; o < states.size(); ++o) {
        wanted = wanted || (o != s && !stored[o] && p.storage_of(states[o].out) == states[s].in);
      }
      if (wanted) continue;
      stored[s] = true;
      p.store_order.push_back(s);
    }
    if (p.store_order.size() == before) {
      const auto left = static_cast<std::size_t>(std::find(stored.begin(), stored.end(), false) - stored.begin());
      return Error{"exchanges its value with other states in a circle",
                   fmt::format("{}: state '{}'", p.graph.source, states[left].name),
                   "copy one of them by an operator before assigning it"};
    }
  }
  for (const State& state : states) {
    for (const TensorId id : p.graph.outputs) {
      if (p.storage_of(id) == state.in && p.storage_of(state.out) != state.in) {
        return Error{fmt::format("is the old value of state '{}', which is gone when a run ends", state.name),
                     fmt::format("{}: output tensor '{}'", p.graph.source, p.graph.tensor(id).name),
                     "copy it by an operator before it becomes an output"};
      }
    }
  }
  return {};
}

}  // namespace

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
  MOTE_TRY(order_states(program));
  return program;
}

std::vector<std::vector<std::uint8_t>> known_answer_inputs(const Graph& graph, std::uint32_t seed) {
  std::vector<std::vector<std::uint8_t>> out;
  for (const TensorId id : graph.inputs) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(graph.tensor(id).size_bytes()));
    for (std::uint8_t& b : bytes) {
      seed = image_random(seed);
      b = static_cast<std::uint8_t>(seed >> 24);
    }
    out.push_back(std::move(bytes));
  }
  return out;
}

}  // namespace mote
