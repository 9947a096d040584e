// Negated values on the host.
#include "device/kernels/neg/neg.h"

#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::neg {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/neg/neg.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/neg/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) { return infer_unary(g, node, {DType::f32}); }

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  return lower_elementwise(kRows, "neg_f32", g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::neg
