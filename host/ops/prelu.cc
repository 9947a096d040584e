// The parametric ReLU on the host: inference of shapes, lowering.
#include <fmt/format.h>

#include "device/kernels/prelu/prelu.h"
#include "host/ops/broadcast.h"
#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/plain_binary.h"
#include "host/ops/unary.h"

namespace mote::ops::prelu {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/prelu/prelu.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/prelu/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// The walk over the input with its slopes; they may not make the output larger.
Result<BroadcastWalk> walk_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  const Shape& alpha = g.tensor(node.inputs[1]).shape;
  MOTE_LET(shape, broadcast_shape(x, alpha));
  if (shape != x) {
    return Error{fmt::format("slopes {} are more than the input {} has elements", text_of(alpha), text_of(x)), "", ""};
  }
  return broadcast_walk(x, alpha);
}

Result<PreluParams> prelu_params(const Graph& g, const Node& node) {
  PreluParams p{};
  MOTE_LET(walk, walk_of(g, node));
  set_walk(walk, p);
  MOTE_LET(q, unary_quant(g, node));
  MOTE_LET(alpha, per_tensor_quant(g, node.inputs[1]));
  const double ratio = static_cast<double>(q.in.scale) / static_cast<double>(q.out.scale);
  MOTE_LET(positive, bounded_multiplier(ratio, 21));
  MOTE_LET(negative, bounded_multiplier(static_cast<double>(q.in.scale) * static_cast<double>(alpha.scale) /
                                            static_cast<double>(q.out.scale),
                                        14));
  p.a_offset = -q.in.zero_point;
  p.b_offset = -alpha.zero_point;
  p.positive_multiplier = positive.multiplier;
  p.positive_shift = positive.shift;
  p.negative_multiplier = negative.multiplier;
  p.negative_shift = negative.shift;
  p.out_offset = q.out.zero_point;
  return p;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, {DType::s8, DType::f32}));
  MOTE_TRY(check_type(g.tensor(node.inputs[1]), {x.type}));
  if (x.type == DType::f32) {
    MOTE_TRY(walk_of(g, node));
  } else {
    MOTE_TRY(prelu_params(g, node));
  }
  return std::vector<Inferred>{{x.type, x.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) return lower_plain_binary(g, node, isas, kRows, "prelu");
  MOTE_LET(p, prelu_params(g, node));
  return finish_binary(g, node, isas, kRows, "prelu",
                       params_blob("PreluParams", "contract/ops/prelu_params.h", p, [](const auto& v, FieldWriter& f) {
                         walk_fields(v, f);
                         f("a_offset", v.a_offset), f("b_offset", v.b_offset);
                         f("positive_multiplier", v.positive_multiplier), f("positive_shift", v.positive_shift);
                         f("negative_multiplier", v.negative_multiplier), f("negative_shift", v.negative_shift);
                         f("out_offset", v.out_offset);
                       }));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::prelu
