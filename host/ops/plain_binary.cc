// Inference and lowering of broadcast operands.
#include "host/ops/plain_binary.h"

#include <fmt/format.h>

#include "host/ops/constants.h"

namespace mote {

Result<std::vector<Inferred>> infer_plain_binary(const Graph& graph, const Node& node,
                                                 std::initializer_list<DType> allowed) {
  const Tensor& a = graph.tensor(node.inputs[0]);
  const Tensor& b = graph.tensor(node.inputs[1]);
  MOTE_TRY(check_type(a, allowed));
  MOTE_TRY(check_type(b, {a.type}));
  MOTE_LET(shape, broadcast_shape(a.shape, b.shape));
  MOTE_TRY(broadcast_walk(a.shape, b.shape));
  return std::vector<Inferred>{{a.type, shape}};
}

Status check_one_quantization(const Graph& graph, const Node& node) {
  const Quant& out = graph.tensor(node.outputs[0]).quant;
  for (const TensorId id : node.inputs) {
    const Tensor& t = graph.tensor(id);
    if (t.quant.scale != out.scale || t.quant.zero_point != out.zero_point) {
      return Error{"is quantised otherwise than the output", "tensor '" + t.name + "'",
                   "quantise all inputs and the output alike"};
    }
  }
  return {};
}

Result<Lowered> finish_binary(const Graph& graph, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                              std::string_view op, ParamsBlob params) {
  const Tensor& y = graph.tensor(node.outputs[0]);
  KernelCall call;
  call.params = std::move(params);
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.inputs[1]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(rows, fmt::format("{}_{}", op, name_of(y.type)), isas, call));
  std::vector<InPlace> in_place;
  for (std::size_t i = 0; i < 2; ++i) {
    if (graph.tensor(node.inputs[i]).shape == y.shape) in_place.push_back({i, 0});
  }
  return Lowered::of(std::move(call), std::move(in_place));
}

Result<Lowered> lower_plain_binary(const Graph& graph, const Node& node, const IsaSet& isas,
                                   std::span<const KernelRow> rows, std::string_view op) {
  MOTE_LET(walk, broadcast_walk(graph.tensor(node.inputs[0]).shape, graph.tensor(node.inputs[1]).shape));
  BroadcastParams p{};
  set_walk(walk, p);
  return finish_binary(graph, node, isas, rows, op,
                       params_blob("BroadcastParams", "contract/ops/binary_params.h", p,
                                   [](const auto& v, FieldWriter& f) { walk_fields(v, f); }));
}

}  // namespace mote
