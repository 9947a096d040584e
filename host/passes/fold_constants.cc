// fold_constants: a node that reads constants only is computed now.
//
//   constant [2,3] -> transpose -> t -> fully_connected      =>      constant t [3,2] -> fully_connected
//
// The interpreter computes it with the portable kernels, the same arithmetic that would have run on the chip.
//
// Does not fold a node that writes a graph output: an output is a place in the arena that invoke() fills.
// Does not fold where that would take much flash or time: more than kMaxBytes of results per node, more than
// kMaxMacs per node, or all constants together beyond what the verifier accepts.
#include <algorithm>

#include "host/base/result.h"
#include "host/interpret/interpreter.h"
#include "host/ir/verify.h"
#include "host/ops/op.h"
#include "host/passes/edit.h"

namespace mote::passes {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 20;
constexpr std::int64_t kMaxMacs = std::int64_t{1} << 26;

bool reads_only_constants(const Graph& graph, const Node& node) {
  return !node.inputs.empty() && std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
    return id == kNoTensor || graph.tensor(id).is_constant;
  });
}

}  // namespace

Result<bool> fold_constants(Graph& graph) {
  Edit edit(graph);
  std::int64_t budget_bytes = kMaxConstantBytes;
  for (const Tensor& t : graph.tensors) budget_bytes -= t.is_constant ? t.size_bytes() : 0;
  // In execution order: what a folded node wrote is constant for the nodes behind it.
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!reads_only_constants(graph, node)) continue;
    std::int64_t bytes = 0;
    bool is_output = false;
    for (const TensorId id : node.outputs) {
      bytes += graph.tensor(id).size_bytes();
      is_output = is_output || edit.is_output(id);
    }
    if (is_output || bytes > std::min(kMaxBytes, budget_bytes)) continue;
    if (op_row(node.kind).def->macs(graph, node) > kMaxMacs) continue;
    budget_bytes -= bytes;

    MOTE_LET(interpreter, Interpreter::create(node_alone(graph, node)));
    MOTE_LET(results, interpreter.run({}));
    const std::vector<TensorId> outputs = node.outputs;
    edit.erase(n);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      Tensor& t = graph.tensor(outputs[i]);
      t.is_constant = true;
      t.data = std::move(results[i]);
    }
  }
  return edit.finish();
}

}  // namespace mote::passes
