// The leaky rectified linear unit on the host: inference of shapes, lowering.
#include <cmath>
#include <limits>

#include "host/ops/op.h"
#include "host/ops/rectify.h"
#include "host/ops/unary.h"

namespace mote::ops::leaky_relu {
namespace {

// Field ids of LeakyReluOptions.
enum Field { kAlpha = 0 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("alpha", options.f32(kAlpha, 0.0));
  return {};
}

Result<RectifyParams> params(const Graph& g, const Node& node) {
  const DType type = g.tensor(node.inputs[0]).type;
  MOTE_LET(q, unary_quant(g, node));
  const float alpha = static_cast<float>(node.attrs.real("alpha", 0.0));
  MOTE_LET(negative, bounded_multiplier(static_cast<double>(q.in.scale) * static_cast<double>(alpha) /
                                            static_cast<double>(q.out.scale),
                                        rectify_max_shift(type)));
  MOTE_LET(positive, bounded_multiplier(static_cast<double>(q.in.scale) / static_cast<double>(q.out.scale),
                                        rectify_max_shift(type)));
  const Clamp range = range_of(type);
  return RectifyParams{0,
                       -q.in.zero_point,
                       positive.multiplier,
                       positive.shift,
                       negative.multiplier,
                       negative.shift,
                       q.out.zero_point,
                       range.min,
                       range.max};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (!std::isfinite(static_cast<float>(node.attrs.real("alpha", 0.0)))) return Error{"alpha is not finite", "", ""};
  if (g.tensor(node.inputs[0]).type != DType::f32) {
    MOTE_TRY(params(g, node));
  }
  return infer_unary(g, node, {DType::s8, DType::s16, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    return lower_rectify_f32(g, node, isas, static_cast<float>(node.attrs.real("alpha", 0.0)), -kInf, kInf);
  }
  MOTE_LET(p, params(g, node));
  return lower_rectify(g, node, isas, p);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return rectify_rows(); }

}  // namespace mote::ops::leaky_relu
