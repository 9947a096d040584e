// The rectified linear unit with a ceiling of 6 on the host: inference of shapes, lowering.
#include <algorithm>
#include <cmath>

#include "host/ops/op.h"
#include "host/ops/rectify.h"
#include "host/ops/unary.h"

namespace mote::ops::relu6 {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// The reference clamps in the input's quantisation and takes the output's to be the same.
Result<RectifyParams> params(const Graph& g, const Node& node) {
  const Clamp range = range_of(g.tensor(node.inputs[0]).type);
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  const double six = std::round(6.0F / in.scale) + static_cast<double>(in.zero_point);
  constexpr std::int32_t kOne = 1 << 30;  // shifted left by one: a factor of exactly 1
  return RectifyParams{0,
                       -in.zero_point,
                       kOne,
                       1,
                       kOne,
                       1,
                       in.zero_point,
                       in.zero_point,
                       static_cast<std::int32_t>(std::min(six, static_cast<double>(range.max)))};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (g.tensor(node.inputs[0]).type != DType::f32) {
    MOTE_TRY(params(g, node));
  }
  return infer_unary(g, node, {DType::s8, DType::s16, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) return lower_rectify_f32(g, node, isas, 1.0F, 0.0F, 6.0F);
  MOTE_LET(p, params(g, node));
  return lower_rectify(g, node, isas, p);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return rectify_rows(); }

}  // namespace mote::ops::relu6
