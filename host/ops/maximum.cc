// Maximum of two tensors on the host: inference of shapes, lowering.
#include "device/kernels/maximum/maximum.h"
#include "host/ops/op.h"
#include "host/ops/plain_binary.h"
#include "host/ops/unary.h"

namespace mote::ops::maximum {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/maximum/maximum.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/maximum/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_TRY(check_one_quantization(g, node));
  return infer_plain_binary(g, node, {DType::s8, DType::s16, DType::s32, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  return lower_plain_binary(g, node, isas, kRows, "maximum");
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::maximum
