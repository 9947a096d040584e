// Softmax on the host: import, inference of shapes, lowering with its fixed-point scale and tables.
#include <cmath>

#include <fmt/format.h>

#include "device/kernels/softmax/softmax.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"
#include "host/ops/table.h"

namespace mote::ops::softmax {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/softmax/softmax.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/softmax/kernels.inc"
};

// Field ids of SoftmaxOptions.
enum Field { kBeta = 0 };

constexpr int kIntegerBits = 5;       // of the differences in the int8 kernels
constexpr double kTableReach = 10.0;  // the int16 kernel's exp table covers [-10, 0]

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("beta", options.f32(kBeta, 0.0));
  return {};
}

// The family of kernels by input and output type, "" where there is none.
std::string_view family_of(DType in, DType out) {
  if (in == DType::s8 && out == DType::s8) return "softmax_s8";
  if (in == DType::s8 && out == DType::s16) return "softmax_s8_s16";
  if (in == DType::s16 && out == DType::s16) return "softmax_s16";
  if (in == DType::f32 && out == DType::f32) return "softmax_f32";
  return "";
}

// A kernel's results have one scale and zero point.
Status check_output_quant(const Graph& g, const Node& node, std::string_view family) {
  if (family == "softmax_f32") return {};
  MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
  const double scale = family == "softmax_s8" ? 1.0 / 256 : family == "softmax_s16" ? 1.0 / 32768 : 1.0 / 65536;
  const std::int32_t zero_point = family == "softmax_s8" ? -128 : family == "softmax_s16" ? 0 : -32768;
  if (std::fabs(static_cast<double>(out.scale) - scale) <= 0.001 * scale && out.zero_point == zero_point) return {};
  return Error{fmt::format("output has scale {} and zero point {}, the kernel gives {} and {}", out.scale,
                           out.zero_point, scale, zero_point),
               "tensor '" + g.tensor(node.outputs[0]).name + "'", "quantise the model with TFLite's converter"};
}

Result<SoftmaxParams> quantized_params(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  const double real = node.attrs.real("beta", 1.0) * static_cast<double>(in.scale);
  SoftmaxParams p{};
  p.depth = narrow(x.shape.back());
  p.rows = narrow(elements(x.shape) / x.shape.back());
  if (x.type == DType::s16) {
    MOTE_LET(m, quantize_multiplier(real / (kTableReach / 65535.0)));
    if (m.shift > 14) return Error{fmt::format("beta * scale is {}, above 2.5", real), "", "check the input's scale"};
    p.multiplier = m.multiplier;
    p.shift = m.shift;  // |x - max| < 2^16, so shifted left it stays below 2^30
    return p;
  }
  MOTE_LET(m, quantize_multiplier(real * (1 << (31 - kIntegerBits))));
  if (m.shift < 0 || m.multiplier == 0) {
    return Error{fmt::format("beta * scale is {}, below the kernel's resolution", real), "", "check the input's scale"};
  }
  p.multiplier = m.multiplier;
  p.shift = m.shift;
  const double radius = ((1 << kIntegerBits) - 1) * std::ldexp(1.0, 31 - kIntegerBits) / std::ldexp(1.0, m.shift);
  p.diff_min = -static_cast<std::int32_t>(std::min(std::floor(radius), 2147483647.0));
  return p;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const DType out = g.tensor(node.outputs[0]).type;
  const std::string_view family = family_of(x.type, out);
  if (family.empty()) {
    return Error{fmt::format("{} to {} has no kernel", name_of(x.type), name_of(out)), "",
                 "convert the model to int8, int16 or float32"};
  }
  if (x.shape.empty()) return Error{"a scalar has no last axis", "", ""};
  const std::int64_t limit = x.type == DType::s8 ? (1 << 12) - 1 : 1 << 16;
  if (x.type != DType::f32 && x.shape.back() > limit) {
    return Error{fmt::format("{} elements in a row; the sum is proven not to overflow up to {}", x.shape.back(), limit),
                 "", ""};
  }
  const double beta = node.attrs.real("beta", 1.0);
  if (!std::isfinite(beta) || beta <= 0) return Error{fmt::format("beta is {}, it must be above 0", beta), "", ""};
  MOTE_TRY(check_output_quant(g, node, family));
  if (x.type != DType::f32) {
    if (auto p = quantized_params(g, node); !p.ok()) return std::move(p).error();
  }
  return std::vector<Inferred>{{out, x.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  constexpr const char* kHeader = "contract/ops/softmax_params.h";
  const Tensor& x = g.tensor(node.inputs[0]);
  const DType out = g.tensor(node.outputs[0]).type;
  KernelCall call;
  if (x.type == DType::f32) {
    SoftmaxF32Params p{};
    p.depth = narrow(x.shape.back());
    p.rows = narrow(elements(x.shape) / x.shape.back());
    p.beta = static_cast<float>(node.attrs.real("beta", 1.0));
    call.params = params_blob("SoftmaxF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      f("rows", v.rows), f("depth", v.depth), f("beta", v.beta);
    });
  } else {
    MOTE_LET(p, quantized_params(g, node));
    call.params = params_blob("SoftmaxParams", kHeader, p, [](const auto& v, FieldWriter& f) {
      f("rows", v.rows), f("depth", v.depth);
      f("multiplier", v.multiplier), f("shift", v.shift), f("diff_min", v.diff_min);
    });
  }
  call.add_tensor(node.inputs[0]);
  if (x.type == DType::s16) {
    call.add_constant(constant("exp_table", DType::s16, table_513(-10.0F, 0.0F, [](float v) {
                                 return static_cast<float>(std::exp(static_cast<double>(v)));
                               })));
    call.add_constant(
        constant("reciprocal_table", DType::s16, table_513(0.0F, 1.0F, [](float v) { return 1.0F / (1.0F + v); })));
  }
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, family_of(x.type, out), isas, call));
  std::vector<InPlace> in_place;
  if (x.type == out) in_place.push_back({0, 0});
  return Lowered::of(std::move(call), std::move(in_place));
}

std::int64_t macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::softmax
