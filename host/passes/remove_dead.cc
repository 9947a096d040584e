// remove_dead: nodes that no output depends on, and tensors that no node and no port uses.
//
//   x -> conv_2d -> y (graph output)            x -> conv_2d -> y (graph output)
//     -> relu    -> t (read by no one)    =>
//
// Tensors keep their order and are renumbered without gaps. Graph inputs stay even where nothing reads them: the caller
// still passes them. A state stays where something live reads it, and then so does what is assigned to it.
//
// Does not remove a node with several outputs while one of them is used; the others stay as they are.
#include <algorithm>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote::passes {

Result<bool> remove_dead(Graph& graph) {
  std::vector<bool> used(graph.tensors.size(), false);
  const auto use = [&](const std::vector<TensorId>& ids) {
    for (const TensorId id : ids) {
      if (id != kNoTensor) used[static_cast<std::size_t>(id)] = true;
    }
  };
  use(graph.outputs);
  std::vector<bool> live(graph.nodes.size(), false);
  // A state that turns out to be read makes what is assigned to it live, which may read further states.
  for (bool changed = true; changed;) {
    // Backwards, so that a node's readers are decided before the node itself.
    for (std::size_t n = graph.nodes.size(); n-- > 0;) {
      const Node& node = graph.nodes[n];
      live[n] = std::any_of(node.outputs.begin(), node.outputs.end(),
                            [&](TensorId id) { return used[static_cast<std::size_t>(id)]; });
      if (!live[n]) continue;
      use(node.inputs);
      use(node.outputs);
    }
    changed = false;
    for (const State& state : graph.states) {
      if (!used[static_cast<std::size_t>(state.in)] || used[static_cast<std::size_t>(state.out)]) continue;
      use({state.out});
      changed = true;
    }
  }
  const std::size_t states_removed =
      std::erase_if(graph.states, [&](const State& s) { return !used[static_cast<std::size_t>(s.in)]; });
  use(graph.inputs);

  std::vector<Node> nodes;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (live[n]) nodes.push_back(std::move(graph.nodes[n]));
  }
  std::vector<Tensor> tensors;
  std::vector<TensorId> renumbered(graph.tensors.size(), kNoTensor);
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (!used[t]) continue;
    renumbered[t] = static_cast<TensorId>(tensors.size());
    tensors.push_back(std::move(graph.tensors[t]));
  }
  const bool changed =
      nodes.size() != graph.nodes.size() || tensors.size() != graph.tensors.size() || states_removed != 0;
  const auto renumber = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (id != kNoTensor) id = renumbered[static_cast<std::size_t>(id)];
    }
  };
  for (Node& node : nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
  renumber(graph.inputs);
  renumber(graph.outputs);
  for (State& state : graph.states) {
    state.in = renumbered[static_cast<std::size_t>(state.in)];
    state.out = renumbered[static_cast<std::size_t>(state.out)];
  }
  graph.nodes = std::move(nodes);
  graph.tensors = std::move(tensors);
  return changed;
}

}  // namespace mote::passes
