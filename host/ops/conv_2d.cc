// 2-D convolution on the host: import, inference of shapes, lowering.
#include <fmt/format.h>

#include "device/kernels/conv_2d/conv_2d.h"
#include "host/ops/op.h"
#include "host/ops/packing.h"
#include "host/ops/spatial.h"
#include "host/ops/vector_packing.h"
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

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);  // [O,KH,KW,C]
  if (x.shape.size() != 4 || k.shape.size() != 4) {
    return Error{fmt::format("input {} and weights {} must have 4 dimensions", text_of(x.shape), text_of(k.shape)), "",
                 ""};
  }
  if (k.shape[3] != x.shape[3]) {
    return Error{fmt::format("weights {} expect {} input channels, the input {} has {}", text_of(k.shape), k.shape[3],
                             text_of(x.shape), x.shape[3]),
                 "",
                 "grouped convolution is not supported; use depthwise or split the "
                 "input"};
  }
  MOTE_LET(types, weighted_types(g, node, k.shape[0]));
  MOTE_TRY(check_quant(g, node, types, 0, k.shape[0]));
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  return std::vector<Inferred>{{x.type, {x.shape[0], w.out_h, w.out_w, k.shape[0]}}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  constexpr const char* kHeader = "contract/ops/conv_2d_params.h";
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  const Shape& y = g.tensor(node.outputs[0]).shape;
  const std::int64_t channels = k.shape[0];
  MOTE_LET(types, weighted_types(g, node, channels));
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  KernelCall call;
  ChannelQuant quant;
  if (types.real()) {
    auto p = window_params<Conv2dF32Params>(x.shape, y, k.shape[1], k.shape[2], w);
    MOTE_LET(clamp, float_clamp(node));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("Conv2dF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      window_fields(v, f);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  } else {
    MOTE_LET(channel, channel_quant(g, node, types, 0, channels));
    quant = std::move(channel);
    auto p = window_params<Conv2dParams>(x.shape, y, k.shape[1], k.shape[2], w);
    p.in_offset = quant.in_offset;
    p.out_offset = quant.out_offset;
    p.clamp_min = quant.clamp.min;
    p.clamp_max = quant.clamp.max;
    call.params = params_blob("Conv2dParams", kHeader, p, [](const auto& v, FieldWriter& f) {
      window_fields(v, f);
      f("in_offset", v.in_offset), f("out_offset", v.out_offset);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  }
  add_weighted_args(node, types, channels, quant, call);
  const auto pack = [&](std::string_view packing, KernelCall& packed) {
    const auto weights = channel_weights(g, node, ChannelAxis::first, channels, quant);
    if (packing == "vector_panels") {
      return add_packed_args(node, pack_vector_panels(weights, params_of<Conv2dParams>(packed)), packed);
    }
    if (packing == "winograd") return add_packed_args(node, pack_winograd(weights, narrow(k.shape[3])), packed);
    auto constant = packing == "fused_lanes"
                        ? pack_fused_lanes(weights, narrow(k.shape[1]), narrow(k.shape[2] * k.shape[3]))
                        : pack_pixel_pairs(weights, packing == "pixel_pairs_armv6m" ? kernels::kPixelPairsArmv6m
                                                                                    : kernels::kPixelPairsRv32imc);
    return add_packed_args(node, std::move(constant), packed);
  };
  MOTE_TRY(select_kernel(kRows, fmt::format("conv_2d_{}", types.suffix), isas, call, pack));
  Lowered lowered = Lowered::of(std::move(call));
  lowered.footprint = footprint_of(w, k.shape[1], k.shape[2]);
  return lowered;
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
