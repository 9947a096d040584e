// Checks and lowering of unary operators.
#include "host/ops/unary.h"

#include <cmath>

#include <fmt/format.h>

#include "contract/ops/elementwise_params.h"
#include "host/ops/constants.h"

namespace mote {

Result<UnaryQuant> unary_quant(const Graph& graph, const Node& node) {
  MOTE_LET(in, per_tensor_quant(graph, node.inputs[0]));
  MOTE_LET(out, per_tensor_quant(graph, node.outputs[0]));
  return UnaryQuant{in, out};
}

Result<std::vector<Inferred>> infer_unary(const Graph& graph, const Node& node, std::initializer_list<DType> allowed) {
  const Tensor& x = graph.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, allowed));
  return std::vector<Inferred>{{x.type, x.shape}};
}

Result<Multiplier> bounded_multiplier(double real, std::int32_t max_shift) {
  MOTE_LET(m, quantize_multiplier(std::abs(real)));
  if (m.shift > max_shift) {
    return Error{fmt::format("input and output scale differ by a factor of {:.3g}, at most 2^{} cannot overflow", real,
                             max_shift),
                 "", "check the scales"};
  }
  if (real < 0.0) m.multiplier = -m.multiplier;
  return m;
}

Result<Lowered> lower_unary(std::span<const KernelRow> rows, std::string_view family, ParamsBlob params,
                            const Node& node, const IsaSet& isas) {
  KernelCall call;
  call.params = std::move(params);
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(rows, family, isas, call));
  return Lowered::of(std::move(call), {{0, 0}});
}

Result<Lowered> lower_elementwise(std::span<const KernelRow> rows, std::string_view family, const Graph& graph,
                                  const Node& node, const IsaSet& isas) {
  const ElementwiseParams p = {narrow(elements(graph.tensor(node.inputs[0]).shape))};
  return lower_unary(rows, family,
                     params_blob("ElementwiseParams", "contract/ops/elementwise_params.h", p,
                                 [](const auto& v, FieldWriter& f) { f("count", v.count); }),
                     node, isas);
}

std::int64_t no_macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace mote
