// Depthwise 2-D convolution on the host: import, inference of shapes, lowering.
#include <fmt/format.h>

#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"
#include "host/ops/op.h"
#include "host/ops/packing.h"
#include "host/ops/spatial.h"
#include "host/ops/vector_packing.h"
#include "host/ops/weighted.h"

namespace mote::ops::depthwise_conv_2d {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/depthwise_conv_2d/kernels.inc"
};

// Field ids of DepthwiseConv2DOptions. Field 3, the depth multiplier, follows
// from the shapes.
enum Field { kPadding = 0, kStrideW = 1, kStrideH = 2, kActivation = 4, kDilationW = 5, kDilationH = 6 };

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
  const Tensor& k = g.tensor(node.inputs[1]);  // [1,KH,KW,C*M]
  if (x.shape.size() != 4 || k.shape.size() != 4) {
    return Error{fmt::format("input {} and weights {} must have 4 dimensions", text_of(x.shape), text_of(k.shape)), "",
                 ""};
  }
  if (k.shape[0] != 1 || k.shape[3] % x.shape[3] != 0) {
    return Error{fmt::format("weights {} should be [1,height,width,a multiple of {}]", text_of(k.shape), x.shape[3]),
                 "", ""};
  }
  MOTE_LET(types, weighted_types(g, node, k.shape[3]));
  if (types.suffix == "s16_bias32") {
    return Error{"int16 with an int32 bias has no reference kernel", "", "convert the model with 64-bit biases"};
  }
  MOTE_TRY(check_quant(g, node, types, 3, k.shape[3]));
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  return std::vector<Inferred>{{x.type, {x.shape[0], w.out_h, w.out_w, k.shape[3]}}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  constexpr const char* kHeader = "contract/ops/depthwise_conv_2d_params.h";
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  const Shape& y = g.tensor(node.outputs[0]).shape;
  const std::int64_t channels = k.shape[3];
  MOTE_LET(types, weighted_types(g, node, channels));
  MOTE_LET(w, resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]));
  KernelCall call;
  ChannelQuant quant;
  if (types.real()) {
    auto p = window_params<DepthwiseConv2dF32Params>(x.shape, y, k.shape[1], k.shape[2], w);
    MOTE_LET(clamp, float_clamp(node));
    p.depth_multiplier = p.out_c / p.in_c;
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("DepthwiseConv2dF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      window_fields(v, f);
      f("depth_multiplier", v.depth_multiplier);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  } else {
    MOTE_LET(channel, channel_quant(g, node, types, 3, channels));
    quant = std::move(channel);
    auto p = window_params<DepthwiseConv2dParams>(x.shape, y, k.shape[1], k.shape[2], w);
    p.depth_multiplier = p.out_c / p.in_c;
    p.in_offset = quant.in_offset;
    p.out_offset = quant.out_offset;
    p.clamp_min = quant.clamp.min;
    p.clamp_max = quant.clamp.max;
    call.params = params_blob("DepthwiseConv2dParams", kHeader, p, [](const auto& v, FieldWriter& f) {
      window_fields(v, f);
      f("depth_multiplier", v.depth_multiplier);
      f("in_offset", v.in_offset), f("out_offset", v.out_offset);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  }
  add_weighted_args(node, types, channels, quant, call);
  const auto pack = [&](std::string_view packing, KernelCall& packed) {
    const auto weights = channel_weights(g, node, ChannelAxis::last, channels, quant);
    auto constant = packing == "vector_tiles"    ? pack_vector_tiles(weights)
                    : packing == "channels_by_4" ? pack_by_4(weights)
                    : packing == "planes"        ? pack_planes(weights)
                                                 : pack_column_pairs(weights);
    return add_packed_args(node, std::move(constant), packed);
  };
  MOTE_TRY(select_kernel(kRows, fmt::format("depthwise_conv_2d_{}", types.suffix), isas, call, pack));
  Lowered lowered = Lowered::of(std::move(call));
  lowered.footprint = footprint_of(w, k.shape[1], k.shape[2]);
  return lowered;
}

std::int64_t macs(const Graph& g, const Node& node) {
  const Shape& k = g.tensor(node.inputs[1]).shape;
  return elements(g.tensor(node.outputs[0]).shape) * k[1] * k[2];
}

std::vector<TfliteDerived> derived_options(const Graph& g, const Node& node) {
  constexpr int kDepthMultiplier = 3;
  return {{kDepthMultiplier, narrow(g.tensor(node.outputs[0]).shape[3] / g.tensor(node.inputs[0]).shape[3])}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs, derived_options};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::depthwise_conv_2d
