// The rectified linear unit on the host: inference of shapes, lowering.
#include <fmt/format.h>
#include <limits>

#include "host/ops/op.h"
#include "host/ops/rectify.h"
#include "host/ops/unary.h"

namespace mote::ops::relu {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<RectifyParams> params(const Graph& g, const Node& node) {
  const DType type = g.tensor(node.inputs[0]).type;
  MOTE_LET(q, unary_quant(g, node));
  if (type == DType::s16 && (q.in.zero_point != 0 || q.out.zero_point != 0)) {
    return Error{fmt::format("int16 zero points {} and {} are not 0", q.in.zero_point, q.out.zero_point), "", ""};
  }
  MOTE_LET(m, bounded_multiplier(static_cast<double>(q.in.scale) / static_cast<double>(q.out.scale),
                                 rectify_max_shift(type)));
  return RectifyParams{0,       -q.in.zero_point, m.multiplier,     m.shift,           m.multiplier,
                       m.shift, q.out.zero_point, q.out.zero_point, range_of(type).max};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (g.tensor(node.inputs[0]).type != DType::f32) {
    MOTE_TRY(params(g, node));
  }
  return infer_unary(g, node, {DType::s8, DType::s16, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) {
    return lower_rectify_f32(g, node, isas, 1.0F, 0.0F, std::numeric_limits<float>::infinity());
  }
  MOTE_LET(p, params(g, node));
  return lower_rectify(g, node, isas, p);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return rectify_rows(); }

}  // namespace mote::ops::relu
