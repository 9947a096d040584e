// remove_identity: nodes that change no byte, and reshapes that the next node does not need.
//
//   x -> transpose (moves no byte) -> y -> op       =>   x -> op                 where x and y are alike
//   op -> x -> pad by nothing -> y (graph output)   =>   op -> y                 the output keeps its own name
//   x -> reshape -> t -> reshape -> y               =>   x -> reshape -> y
//   x -> reshape -> t -> fully_connected            =>   x -> fully_connected    where it infers the same result from x
//
// Whether a node changes a byte is not guessed from its attributes: such a node lowers to no kernel call,
// or is a quantize between equal scales and zero points. Two tensors
// are alike when type, shape and quantisation are the same, so bytes and meaning both stay. fully_connected reads its
// input as rows of flat elements, whatever the shape.
//
// Does not remove a graph output's last node when its input is a graph input or an output too: both names must stay.
// Does not remove the bypassed reshape itself; without readers it goes with remove_dead.
#include <algorithm>

#include "host/base/result.h"
#include "host/ops/op.h"
#include "host/passes/edit.h"

namespace mote::passes {
namespace {

bool same_meaning(const Tensor& a, const Tensor& b) { return a.type == b.type && a.quant == b.quant; }

// A node whose only output is its first input's bytes.
bool is_alias(const Graph& graph, const Node& node) {
  if (node.outputs.size() != 1 || node.inputs.empty() || node.inputs[0] == kNoTensor) return false;
  const Tensor& x = graph.tensor(node.inputs[0]);
  if (x.is_constant || x.size_bytes() != graph.tensor(node.outputs[0]).size_bytes()) return false;
  if (node.kind == OpKind::quantize && (x.type == DType::s8 || x.type == DType::s16)) {
    return same_meaning(x, graph.tensor(node.outputs[0]));  // a factor of 1 requantises exactly
  }
  const auto lowered = op_row(node.kind).def->lower(graph, node, IsaSet{});
  return lowered.ok() && lowered.value().is_alias();
}

// Whether the node would give the same output from `id` as its first input.
bool accepts(const Graph& graph, const Node& node, TensorId id) {
  Node other = node;
  other.inputs[0] = id;
  const auto inferred = op_row(node.kind).def->infer(graph, other);
  if (!inferred.ok()) return false;
  const Tensor& y = graph.tensor(node.outputs[0]);
  return inferred.value()[0].type == y.type && inferred.value()[0].shape == y.shape;
}

}  // namespace

Result<bool> remove_identity(Graph& graph) {
  Edit edit(graph);
  std::vector<bool> alias(graph.nodes.size(), false);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    alias[n] = is_alias(graph, node);
    if (!alias[n] && node.kind != OpKind::fully_connected) continue;
    const TensorId x = node.inputs[0];
    const TensorId y = node.outputs[0];
    const std::size_t maker = edit.producer(x);

    const bool alike = same_meaning(graph.tensor(x), graph.tensor(y)) && graph.tensor(x).shape == graph.tensor(y).shape;
    if (alias[n] && alike) {
      if (!edit.is_output(y)) {
        edit.replace_uses(y, x);
        edit.erase(n);
      } else if (maker != Edit::kNone && !edit.is_output(x)) {
        const std::vector<TensorId>& made = graph.nodes[maker].outputs;
        const auto slot = static_cast<std::size_t>(std::find(made.begin(), made.end(), x) - made.begin());
        edit.erase(n);
        edit.set_output(maker, slot, y);
        edit.replace_uses(x, y);
      }
      continue;
    }
    if (maker == Edit::kNone || !alias[maker]) continue;
    const TensorId behind = graph.nodes[maker].inputs[0];
    if (same_meaning(graph.tensor(behind), graph.tensor(x)) && accepts(graph, node, behind))
      edit.set_input(n, 0, behind);
  }
  return edit.finish();
}

}  // namespace mote::passes
