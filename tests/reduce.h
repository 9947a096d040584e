// Shrinks a program that fails a test to one a person can read.
#pragma once

#include <functional>
#include <vector>

#include "host/ir/graph.h"
#include "host/ops/infer.h"
#include "host/passes/edit.h"
#include "host/passes/pass.h"

namespace mote::testing {

// The graph without node `n`: what it wrote and others read becomes an input. Not always valid.
inline Graph without_node(const Graph& graph, std::size_t n) {
  Graph out = graph;
  const std::vector<TensorId> made = out.nodes[n].outputs;
  Edit edit(out);
  edit.erase(n);
  for (const TensorId id : made) {
    if (edit.is_output(id)) std::erase(out.outputs, id);
    if (!edit.consumers(id).empty()) out.inputs.push_back(id);
  }
  edit.finish();
  return out;
}

// The graph that computes one of its inner tensors only.
inline Graph only_output(const Graph& graph, TensorId id) {
  Graph out = graph;
  out.outputs = {id};
  return out;
}

// The graph without what no output needs, and without inputs that nothing reads.
inline Graph without_dead(Graph graph) {
  if (graph.outputs.empty()) return graph;
  const auto swept = find_pass("remove_dead")->run(graph);
  if (!swept.ok()) return graph;
  const Edit edit(graph);
  for (std::size_t i = graph.inputs.size(); i-- > 0 && graph.inputs.size() > 1;) {
    if (edit.consumers(graph.inputs[i]).empty())
      graph.inputs.erase(graph.inputs.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const auto again = find_pass("remove_dead")->run(graph);
  (void)again.ok();  // it has nothing left to fail on
  return graph;
}

// Drops nodes, outputs and dead code for as long as the program is valid and `fails` holds of it.
inline Graph reduce(Graph graph, const std::function<bool(const Graph&)>& fails) {
  const auto size = [](const Graph& g) { return g.nodes.size() + g.tensors.size() + g.outputs.size(); };
  bool smaller = true;
  const auto adopt = [&](const Graph& candidate) {
    Graph clean = without_dead(candidate);
    if (size(clean) >= size(graph) || !verify(clean).ok() || !fails(clean)) return;
    graph = std::move(clean);
    smaller = true;
  };
  while (smaller) {
    smaller = false;
    adopt(graph);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) adopt(only_output(graph, graph.nodes[n].outputs[0]));
    for (std::size_t n = graph.nodes.size(); n-- > 0;) {
      if (n < graph.nodes.size()) adopt(without_node(graph, n));
    }
  }
  return graph;
}

}  // namespace mote::testing
