// 2-D convolution on the host: import, inference of shapes, lowering.
#include <fmt/format.h>

#include "device/kernels/conv_2d/conv_2d.h"
#include "host/ops/op.h"
#include "host/ops/spatial.h"
#include "host/ops/weighted.h"

namespace mote::ops::conv_2d {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/conv_2d/conv_2d.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/conv_2d/kernels.inc"
};

// Field ids of Conv2DOptions.
enum Field { kPadding = 0, kStrideW = 1, kStrideH = 2, kActivation = 3, kDilationW = 4, kDilationH = 5 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  MOTE_TRY(set_padding(options.i8(kPadding, 0), node));
  MOTE_TRY(set_activation(options.i8(kActivation, 0), node));
  node.attrs.set("stride_w", options.i32(kStrideW, 0));
  node.attrs.set("stride_h", options.i32(kStrideH, 0));
  node.attrs.set("dilation_w", options.i32(kDilationW, 1));
  node.attrs.set("dilation_h", options.i32(kDilationH, 1));
  return {};
}

// Tensors of the node: input, weights [O,KH,KW,C], bias [O] (optional).
struct Operands {
  const Tensor& x;
  const Tensor& k;
  TensorId bias;
};

Operands operands(const Graph& g, const Node& node) {
  return {g.tensor(node.inputs[0]), g.tensor(node.inputs[1]), node.inputs.size() > 2 ? node.inputs[2] : kNoTensor};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const auto [x, k, bias] = operands(g, node);
  if (x.shape.size() != 4 || k.shape.size() != 4) {
    return Error{fmt::format("input {} and weights {} must have 4 dimensions", text_of(x.shape), text_of(k.shape)), "",
                 ""};
  }
  if (k.shape[3] != x.shape[3]) {
    return Error{fmt::format("weights {} expect {} input channels, the input {} has {}", text_of(k.shape), k.shape[3],
                             text_of(x.shape), x.shape[3]),
                 "", "grouped convolution is not supported; use depthwise or split the input"};
  }
  MOTE_TRY(check_conv_types(g, node, k.shape[0]));
  MOTE_TRY(check_taps(k.shape[1] * k.shape[2] * k.shape[3]));
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  return std::vector<Inferred>{{x.type, {x.shape[0], w.out_h, w.out_w, k.shape[0]}}};
}

template <class P>
P geometry(const Tensor& x, const Tensor& k, const Window& w) {
  P p{};
  p.batches = narrow(x.shape[0]);
  p.in_h = narrow(x.shape[1]);
  p.in_w = narrow(x.shape[2]);
  p.in_c = narrow(x.shape[3]);
  p.out_h = narrow(w.out_h);
  p.out_w = narrow(w.out_w);
  p.out_c = narrow(k.shape[0]);
  p.kernel_h = narrow(k.shape[1]);
  p.kernel_w = narrow(k.shape[2]);
  p.stride_h = narrow(w.stride_h);
  p.stride_w = narrow(w.stride_w);
  p.dilation_h = narrow(w.dilation_h);
  p.dilation_w = narrow(w.dilation_w);
  p.pad_top = narrow(w.pad_top);
  p.pad_left = narrow(w.pad_left);
  return p;
}

template <class P>
void geometry_fields(const P& p, FieldWriter& f) {
  f("batches", p.batches);
  f("in_h", p.in_h), f("in_w", p.in_w), f("in_c", p.in_c);
  f("out_h", p.out_h), f("out_w", p.out_w), f("out_c", p.out_c);
  f("kernel_h", p.kernel_h), f("kernel_w", p.kernel_w);
  f("stride_h", p.stride_h), f("stride_w", p.stride_w);
  f("dilation_h", p.dilation_h), f("dilation_w", p.dilation_w);
  f("pad_top", p.pad_top), f("pad_left", p.pad_left);
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const auto [x, k, bias] = operands(g, node);
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  constexpr const char* kHeader = "contract/ops/conv_2d_params.h";
  KernelCall call;
  if (x.type == DType::f32) {
    auto p = geometry<Conv2dF32Params>(x, k, w);
    MOTE_LET(clamp, float_clamp(node));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("Conv2dF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      geometry_fields(v, f);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
    call.add_tensor(node.inputs[0]);
    call.add_tensor(node.inputs[1]);
    add_bias(bias, DType::f32, k.shape[0], call);
    call.add_tensor(node.outputs[0]);
    MOTE_TRY(select_kernel(kRows, "conv_2d_f32", isas, call));
    return Lowered::of(std::move(call));
  }
  MOTE_LET(quant, channel_quant(g, node, 0, k.shape[0]));
  auto p = geometry<Conv2dParams>(x, k, w);
  p.in_offset = quant.in_offset;
  p.out_offset = quant.out_offset;
  p.clamp_min = quant.clamp.min;
  p.clamp_max = quant.clamp.max;
  call.params = params_blob("Conv2dParams", kHeader, p, [](const auto& v, FieldWriter& f) {
    geometry_fields(v, f);
    f("in_offset", v.in_offset), f("out_offset", v.out_offset);
    f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
  });
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.inputs[1]);
  add_bias(bias, DType::s32, k.shape[0], call);
  call.add_constant(constant("multiplier", DType::s32, quant.multiplier));
  call.add_constant(constant("shift", DType::s8, quant.shift));
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, "conv_2d_s8", isas, call));
  return Lowered::of(std::move(call));
}

std::int64_t macs(const Graph& g, const Node& node) {
  const Shape& k = g.tensor(node.inputs[1]).shape;
  return elements(g.tensor(node.outputs[0]).shape) * k[1] * k[2] * k[3];
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::conv_2d
