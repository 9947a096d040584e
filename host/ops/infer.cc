// Agreement of the operators' rules with the graph.
#include "host/ops/infer.h"

#include <fmt/format.h>

#include "host/ir/verify.h"
#include "host/ops/op.h"

namespace mote {

Status check_operators(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    auto inferred = op_row(node.kind).def->infer(graph, node);
    if (!inferred.ok()) return std::move(inferred).error().in(graph.where(node)).in(graph.source);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const Tensor& stated = graph.tensor(node.outputs[i]);
      const Inferred& real = inferred.value().at(i);
      if (stated.type == real.type && stated.shape == real.shape) continue;
      return Error{fmt::format("computes {}{}, but the file states {}{}", name_of(real.type), text_of(real.shape),
                               name_of(stated.type), text_of(stated.shape)),
                   fmt::format("{}: {}: tensor '{}'", graph.source, graph.where(node), stated.name),
                   "export the model again with static shapes and batch 1"};
    }
  }
  return {};
}

Status verify(const Graph& graph) {
  MOTE_TRY(verify_structure(graph));
  return check_operators(graph);
}

}  // namespace mote
