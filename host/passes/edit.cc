// Bookkeeping of graph edits.
#include "host/passes/edit.h"

#include <algorithm>
#include <map>

namespace mote {

Edit::Edit(Graph& graph)
    : graph_(graph),
      producer_(graph.tensors.size(), kNone),
      consumers_(graph.tensors.size()),
      is_input_(graph.tensors.size(), false),
      is_output_(graph.tensors.size(), false),
      erased_(graph.nodes.size(), false) {
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const TensorId id : graph.nodes[n].inputs) {
      if (id != kNoTensor) consumers_[index(id)].push_back(n);
    }
    for (const TensorId id : graph.nodes[n].outputs) producer_[index(id)] = n;
  }
  for (const TensorId id : graph.inputs) is_input_[index(id)] = true;
  for (const TensorId id : graph.outputs) is_output_[index(id)] = true;
  for (const State& state : graph.states) {
    is_input_[index(state.in)] = true;
    is_output_[index(state.out)] = true;
  }
}

void Edit::forget_use(std::size_t node, TensorId id) {
  auto& list = consumers_[index(id)];
  const auto at = std::find(list.begin(), list.end(), node);
  *at = list.back();
  list.pop_back();
}

void Edit::set_input(std::size_t node, std::size_t slot, TensorId id) {
  TensorId& input = graph_.nodes[node].inputs.at(slot);
  if (input == id) return;
  if (input != kNoTensor) forget_use(node, input);
  if (id != kNoTensor) consumers_[index(id)].push_back(node);
  input = id;
  changed_ = true;
}

void Edit::set_output(std::size_t node, std::size_t slot, TensorId id) {
  TensorId& output = graph_.nodes[node].outputs.at(slot);
  if (output == id) return;
  producer_[index(output)] = kNone;
  producer_[index(id)] = node;
  output = id;
  changed_ = true;
}

void Edit::replace_uses(TensorId from, TensorId to) {
  if (from == to) return;
  std::vector<std::size_t> readers;
  readers.swap(consumers_[index(from)]);
  for (const std::size_t node : readers) {
    std::replace(graph_.nodes[node].inputs.begin(), graph_.nodes[node].inputs.end(), from, to);
    consumers_[index(to)].push_back(node);
    changed_ = true;
  }
}

void Edit::erase(std::size_t node) {
  if (erased_[node]) return;
  Node& n = graph_.nodes[node];
  for (const TensorId id : n.inputs) {
    if (id != kNoTensor) forget_use(node, id);
  }
  for (const TensorId id : n.outputs) {
    if (producer_[index(id)] == node) producer_[index(id)] = kNone;
  }
  n.inputs.clear();
  n.outputs.clear();
  erased_[node] = true;
  changed_ = true;
}

bool Edit::finish() {
  std::size_t kept = 0;
  for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
    if (erased_[n]) continue;
    if (kept != n) graph_.nodes[kept] = std::move(graph_.nodes[n]);
    ++kept;
  }
  graph_.nodes.resize(kept);
  erased_.assign(kept, false);
  return changed_;
}

Graph node_alone(const Graph& graph, const Node& node) {
  Graph out;
  out.name = graph.name;
  out.source = graph.source;
  std::map<TensorId, TensorId> ids;
  Node copy = node;
  for (TensorId& id : copy.inputs) {
    if (id == kNoTensor) continue;
    const auto [at, is_new] = ids.try_emplace(id, 0);
    if (is_new) {
      at->second = out.add_tensor(graph.tensor(id));
      if (!graph.tensor(id).is_constant) out.inputs.push_back(at->second);
    }
    id = at->second;
  }
  for (TensorId& id : copy.outputs) {
    id = out.add_tensor(graph.tensor(id));
    out.outputs.push_back(id);
  }
  out.nodes.push_back(std::move(copy));
  return out;
}

}  // namespace mote
