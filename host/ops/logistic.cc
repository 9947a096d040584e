// The logistic function on the host: inference of shapes, tables, lowering.
#include "device/kernels/logistic/logistic.h"
#include "contract/quant/fixed_point_math.h"
#include "device/kernels/lookup/lookup.h"
#include "host/ops/lookup.h"
#include "host/ops/op.h"
#include "host/ops/sigmoid.h"
#include "host/ops/unary.h"

namespace mote::ops::logistic {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
#include "device/kernels/lookup/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/logistic/logistic.h"
#include "device/kernels/logistic/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const DType type = g.tensor(node.inputs[0]).type;
  if (type == DType::s8) {
    MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
    MOTE_TRY(sigmoid_argument(in));
    MOTE_TRY(check_fixed_output(g, node, 1.0 / 256.0, -128));
  } else if (type == DType::s16) {
    MOTE_TRY(sigmoid_params(g, node, 0));
  }
  return infer_unary(g, node, {DType::s8, DType::s16, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const DType type = g.tensor(node.inputs[0]).type;
  if (type == DType::f32) return lower_elementwise(kRows, "logistic_f32", g, node, isas);
  if (type == DType::s16) {
    MOTE_LET(params, sigmoid_params(g, node, 0));
    return lower_unary(kRows, "logistic_s16", sigmoid_params_blob(params), node, isas);
  }
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  MOTE_LET(a, sigmoid_argument(in));
  return lower_lookup(g, node, isas, [&a](std::int32_t x) {
    const std::int32_t v = x - a.zero_point;
    if (v <= -a.radius) return -128;
    if (v >= a.radius) return 127;
    const std::int32_t q4 = quant::requantize_double_rounding(v, a.multiplier, a.shift);
    const std::int32_t y = quant::rounding_divide_by_power_of_two(quant::logistic(q4, 4), 23) - 128;
    return quant::clamp(y, -128, 127);
  });
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::logistic
