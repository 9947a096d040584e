// Dequantisation on the host: inference, lowering.
#include <fmt/format.h>

#include "device/kernels/dequantize/dequantize.h"
#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"
#include "host/ops/unary.h"

namespace mote::ops::dequantize {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/dequantize/dequantize.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/dequantize/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, {DType::s8, DType::u8, DType::s16}));
  MOTE_TRY(per_tensor_quant(g, node.inputs[0]));
  return std::vector<Inferred>{{DType::f32, x.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  const DequantizeParams p = {narrow(elements(x.shape)), in.zero_point, in.scale};
  KernelCall call;
  call.params = params_blob(
      "DequantizeParams", "contract/ops/dequantize_params.h", p,
      [](const auto& v, FieldWriter& f) { f("count", v.count), f("zero_point", v.zero_point), f("scale", v.scale); });
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, fmt::format("dequantize_{}", name_of(x.type)), isas, call));
  return Lowered::of(std::move(call));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::dequantize
