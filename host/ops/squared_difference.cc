// The squared difference of two tensors on the host: inference of shapes, lowering.
#include "device/kernels/squared_difference/squared_difference.h"

#include <algorithm>

#include <fmt/format.h>

#include "host/ops/op.h"
#include "host/ops/plain_binary.h"
#include "host/ops/quantization.h"
#include "host/ops/unary.h"

namespace mote::ops::squared_difference {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/squared_difference/squared_difference.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/squared_difference/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<SquaredDifferenceParams> params(const Graph& g, const Node& node) {
  MOTE_LET(qa, per_tensor_quant(g, node.inputs[0]));
  MOTE_LET(qb, per_tensor_quant(g, node.inputs[1]));
  MOTE_LET(qy, per_tensor_quant(g, node.outputs[0]));
  const double twice_larger = 2.0 * static_cast<double>(std::max(qa.scale, qb.scale));
  MOTE_LET(a, quantize_multiplier(static_cast<double>(qa.scale) / twice_larger));
  MOTE_LET(b, quantize_multiplier(static_cast<double>(qb.scale) / twice_larger));
  MOTE_LET(y, quantize_multiplier(twice_larger * twice_larger / (16384.0 * static_cast<double>(qy.scale))));
  if (y.shift > 0) {
    return Error{
        fmt::format("operand scales {} and {} are too large for the output's scale {}", qa.scale, qb.scale, qy.scale),
        "", "check the scales"};
  }
  MOTE_LET(walk, broadcast_walk(g.tensor(node.inputs[0]).shape, g.tensor(node.inputs[1]).shape));
  SquaredDifferenceParams p{};
  set_walk(walk, p);
  p.a_offset = -qa.zero_point;
  p.b_offset = -qb.zero_point;
  p.a_multiplier = a.multiplier;
  p.a_shift = a.shift;
  p.b_multiplier = b.multiplier;
  p.b_shift = b.shift;
  p.out_multiplier = y.multiplier;
  p.out_shift = y.shift;
  p.out_offset = qy.zero_point;
  return p;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(inferred, infer_plain_binary(g, node, {DType::s8, DType::f32}));
  if (inferred[0].type == DType::s8) MOTE_TRY(params(g, node));
  return inferred;
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32)
    return lower_plain_binary(g, node, isas, kRows, "squared_difference");
  MOTE_LET(p, params(g, node));
  return finish_binary(g, node, isas, kRows, "squared_difference",
                       params_blob("SquaredDifferenceParams", "contract/ops/squared_difference_params.h", p,
                                   [](const auto& v, FieldWriter& f) {
                                     walk_fields(v, f);
                                     f("a_offset", v.a_offset), f("b_offset", v.b_offset);
                                     f("a_multiplier", v.a_multiplier), f("a_shift", v.a_shift);
                                     f("b_multiplier", v.b_multiplier), f("b_shift", v.b_shift);
                                     f("out_multiplier", v.out_multiplier), f("out_shift", v.out_shift);
                                     f("out_offset", v.out_offset);
                                   }));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::squared_difference
