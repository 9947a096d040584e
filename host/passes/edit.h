// Editing a graph in one sweep: who makes and who reads each tensor, kept right while nodes change.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "host/ir/graph.h"

namespace mote {

// Nodes keep their index until finish(), so a pass may walk the graph while it edits. Erased nodes have no inputs and
// no outputs meanwhile.
class Edit {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  explicit Edit(Graph& graph);

  // The node that writes a tensor; kNone for inputs, constants and tensors whose writer was erased.
  [[nodiscard]] std::size_t producer(TensorId id) const { return producer_[index(id)]; }
  // The nodes that read a tensor, one entry per use, in no order.
  [[nodiscard]] const std::vector<std::size_t>& consumers(TensorId id) const { return consumers_[index(id)]; }
  // Of the model, or a state's.
  [[nodiscard]] bool is_output(TensorId id) const { return is_output_[index(id)]; }
  [[nodiscard]] bool is_input(TensorId id) const { return is_input_[index(id)]; }
  // Read exactly once, and by no one outside the graph.
  [[nodiscard]] bool has_one_use(TensorId id) const { return consumers(id).size() == 1 && !is_output(id); }

  void set_input(std::size_t node, std::size_t slot, TensorId id);
  void set_output(std::size_t node, std::size_t slot, TensorId id);
  // Every node that reads `from` reads `to` instead. The graph's own outputs stay.
  void replace_uses(TensorId from, TensorId to);
  void erase(std::size_t node);

  // Removes the erased nodes; says whether anything was edited.
  bool finish();

 private:
  static std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }
  void forget_use(std::size_t node, TensorId id);

  Graph& graph_;
  std::vector<std::size_t> producer_;
  std::vector<std::vector<std::size_t>> consumers_;
  std::vector<bool> is_input_;
  std::vector<bool> is_output_;
  std::vector<bool> erased_;
  bool changed_ = false;
};

// One node as a graph of its own: its tensors, its constants; its other inputs and all outputs are the graph's.
[[nodiscard]] Graph node_alone(const Graph& graph, const Node& node);

}  // namespace mote
