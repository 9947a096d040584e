// Quantisation and requantisation on the host: inference, tables, lowering.
#include <fmt/format.h>

#include "contract/quant/requantize.h"
#include "device/kernels/lookup/lookup.h"
#include "device/kernels/quantize/quantize.h"
#include "host/ops/lookup.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"
#include "host/ops/unary.h"

namespace mote::ops::quantize {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
#include "device/kernels/lookup/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/kernels.inc"
#undef MOTE_KERNEL_HEADER
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// What the reference converts from and to.
bool has_kernel(DType in, DType out) {
  switch (in) {
    case DType::f32: return out == DType::s8 || out == DType::s16;
    case DType::s8: return out == DType::s8 || out == DType::u8 || out == DType::s16 || out == DType::s32;
    case DType::u8: return out == DType::s8;
    case DType::s16: return out == DType::s8 || out == DType::s16 || out == DType::s32;
    case DType::s32: return out == DType::s8 || out == DType::s16;
    default: return false;
  }
}

bool is_8_bits(DType type) { return type == DType::s8 || type == DType::u8; }

Result<RequantizeParams> requantize_params(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(q, unary_quant(g, node));
  const std::int32_t max_shift = is_8_bits(x.type) ? 21 : x.type == DType::s16 ? 12 : 30;
  MOTE_LET(m, bounded_multiplier(static_cast<double>(q.in.scale) / static_cast<double>(q.out.scale), max_shift));
  constexpr std::int32_t kMaxOffset = 1 << 15;
  if (q.in.zero_point < -kMaxOffset || q.in.zero_point > kMaxOffset || q.out.zero_point < -kMaxOffset ||
      q.out.zero_point > kMaxOffset) {
    return Error{fmt::format("zero points {} and {} are beyond 2^15", q.in.zero_point, q.out.zero_point), "", ""};
  }
  return RequantizeParams{narrow(elements(x.shape)), -q.in.zero_point, m.multiplier, m.shift, q.out.zero_point};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& y = g.tensor(node.outputs[0]);
  if (!has_kernel(x.type, y.type)) {
    return Error{fmt::format("{} to {} has no kernel", name_of(x.type), name_of(y.type)), "",
                 "let the model's inputs and outputs be int8"};
  }
  if (x.type == DType::f32) {
    MOTE_TRY(per_tensor_quant(g, node.outputs[0]));
  } else {
    MOTE_TRY(requantize_params(g, node));
  }
  return std::vector<Inferred>{{y.type, x.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& y = g.tensor(node.outputs[0]);
  const std::string family = fmt::format("quantize_{}_{}", name_of(x.type), name_of(y.type));
  KernelCall call;
  if (x.type == DType::f32) {
    MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
    const QuantizeParams p = {narrow(elements(x.shape)), out.scale, out.zero_point};
    call.params = params_blob("QuantizeParams", "contract/ops/quantize_params.h", p, [](const auto& v, FieldWriter& f) {
      f("count", v.count), f("scale", v.scale), f("zero_point", v.zero_point);
    });
  } else {
    MOTE_LET(p, requantize_params(g, node));
    if (is_8_bits(x.type) && is_8_bits(y.type)) {
      const Clamp range = range_of(y.type);
      return lower_lookup(g, node, isas, [&p, range](std::int32_t v) {
        const std::int32_t q = quant::requantize_double_rounding(v + p.in_offset, p.multiplier, p.shift);
        return quant::clamp(p.out_offset + q, range.min, range.max);
      });
    }
    call.params =
        params_blob("RequantizeParams", "contract/ops/quantize_params.h", p, [](const auto& v, FieldWriter& f) {
          f("count", v.count), f("in_offset", v.in_offset);
          f("multiplier", v.multiplier), f("shift", v.shift), f("out_offset", v.out_offset);
        });
  }
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, family, isas, call));
  if (x.type == y.type) return Lowered::of(std::move(call), {{0, 0}});
  return Lowered::of(std::move(call));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::quantize
