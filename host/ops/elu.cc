// The exponential linear unit on the host: inference of shapes, tables, lowering.
#include <algorithm>
#include <cmath>

#include "device/kernels/elu/elu.h"
#include "device/kernels/lookup/lookup.h"
#include "host/ops/lookup.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::elu {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
#include "device/kernels/lookup/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/elu/elu.h"
#include "device/kernels/elu/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (g.tensor(node.inputs[0]).type == DType::s8) {
    MOTE_TRY(unary_quant(g, node));
  }
  return infer_unary(g, node, {DType::s8, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) return lower_elementwise(kRows, "elu_f32", g, node, isas);
  MOTE_LET(q, unary_quant(g, node));
  // The reference fills its table in float, too.
  const float inverse = 1.0F / q.out.scale;
  return lower_lookup(g, node, isas, [&q, inverse](std::int32_t x) {
    const float real = q.in.scale * static_cast<float>(x - q.in.zero_point);
    const float y = real < 0.0F ? static_cast<float>(std::exp(static_cast<double>(real))) - 1.0F : real;
    const float quantised = std::round(y * inverse) + static_cast<float>(q.out.zero_point);
    return static_cast<std::int32_t>(std::clamp(quantised, -128.0F, 127.0F));
  });
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::elu
