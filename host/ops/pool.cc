// Import, inference and lowering of pools.
#include "host/ops/pool.h"

#include <algorithm>

#include <fmt/format.h>

#include "contract/ops/pool_2d_params.h"
#include "host/ops/quantization.h"
#include "host/ops/spatial.h"

namespace mote {
namespace {

// Field ids of Pool2DOptions.
enum Field { kPadding = 0, kStrideW = 1, kStrideH = 2, kFilterW = 3, kFilterH = 4, kActivation = 5 };

Result<Window> window_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  return resolve_window(node, x[1], x[2], node.attrs.integer("kernel_h", 1), node.attrs.integer("kernel_w", 1));
}

template <class P>
P params_of(const Graph& g, const Node& node, const Window& w) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  P p{};
  p.batches = narrow(x[0]);
  p.in_h = narrow(x[1]);
  p.in_w = narrow(x[2]);
  p.out_h = narrow(w.out_h);
  p.out_w = narrow(w.out_w);
  p.channels = narrow(x[3]);
  p.kernel_h = narrow(node.attrs.integer("kernel_h", 1));
  p.kernel_w = narrow(node.attrs.integer("kernel_w", 1));
  p.stride_h = narrow(w.stride_h);
  p.stride_w = narrow(w.stride_w);
  p.pad_top = narrow(w.pad_top);
  p.pad_left = narrow(w.pad_left);
  return p;
}

constexpr auto kFields = [](const auto& p, FieldWriter& f) {
  f("batches", p.batches);
  f("in_h", p.in_h), f("in_w", p.in_w);
  f("out_h", p.out_h), f("out_w", p.out_w);
  f("channels", p.channels);
  f("kernel_h", p.kernel_h), f("kernel_w", p.kernel_w);
  f("stride_h", p.stride_h), f("stride_w", p.stride_w);
  f("pad_top", p.pad_top), f("pad_left", p.pad_left);
  f("clamp_min", p.clamp_min), f("clamp_max", p.clamp_max);
};

}  // namespace

Status pool_from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  MOTE_TRY(set_padding(options.i8(kPadding, 0), node));
  MOTE_TRY(set_activation(options.i8(kActivation, 0), node));
  node.attrs.set("stride_w", options.i32(kStrideW, 0));
  node.attrs.set("stride_h", options.i32(kStrideH, 0));
  node.attrs.set("kernel_w", options.i32(kFilterW, 0));
  node.attrs.set("kernel_h", options.i32(kFilterH, 0));
  return {};
}

Result<std::vector<Inferred>> infer_pool(const Graph& g, const Node& node, const PoolLimits& limits) {
  const Tensor& x = g.tensor(node.inputs[0]);
  if (x.shape.size() != 4) return Error{fmt::format("input {} must have 4 dimensions", text_of(x.shape)), "", ""};
  if (x.type != DType::s8 && x.type != DType::s16 && x.type != DType::f32) {
    return Error{fmt::format("{} has no kernel", name_of(x.type)), "", "convert the model to int8, int16 or float32"};
  }
  MOTE_LET(w, window_of(g, node));
  const std::int64_t kernel_h = node.attrs.integer("kernel_h", 1);
  const std::int64_t kernel_w = node.attrs.integer("kernel_w", 1);
  const std::int64_t area = std::min(kernel_h, x.shape[1]) * std::min(kernel_w, x.shape[2]);
  const std::int64_t limit = x.type == DType::s8 ? limits.max_area_s8 : limits.max_area_s16;
  if (x.type != DType::f32 && area > limit) {
    return Error{fmt::format("a window of {} elements is summed, at most {} are proven not to overflow", area, limit),
                 "", "pool in two steps"};
  }
  const bool first_empty = w.pad_top >= kernel_h || w.pad_left >= kernel_w;
  const bool last_empty =
      (w.out_h - 1) * w.stride_h - w.pad_top >= x.shape[1] || (w.out_w - 1) * w.stride_w - w.pad_left >= x.shape[2];
  if (first_empty || last_empty || w.dilation_h != 1 || w.dilation_w != 1) {
    return Error{"a window lies wholly in the padding, or is dilated", "", "pad less"};
  }
  if (x.type != DType::f32) {
    if (auto out = per_tensor_quant(g, node.outputs[0]); !out.ok()) return std::move(out).error();
  }
  return std::vector<Inferred>{{x.type, {x.shape[0], w.out_h, w.out_w, x.shape[3]}}};
}

Result<Lowered> lower_pool(const Graph& g, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                           std::string_view op) {
  constexpr const char* kHeader = "contract/ops/pool_2d_params.h";
  const DType type = g.tensor(node.inputs[0]).type;
  MOTE_LET(w, window_of(g, node));
  KernelCall call;
  if (type == DType::f32) {
    auto p = params_of<Pool2dF32Params>(g, node, w);
    MOTE_LET(clamp, float_clamp(node));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("Pool2dF32Params", kHeader, p, kFields);
  } else {
    auto p = params_of<Pool2dParams>(g, node, w);
    MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
    MOTE_LET(clamp, quantized_clamp(node, type, out));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("Pool2dParams", kHeader, p, kFields);
  }
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(rows, fmt::format("{}_{}", op, name_of(type)), isas, call));
  Lowered lowered = Lowered::of(std::move(call));
  lowered.footprint = footprint_of(w, node.attrs.integer("kernel_h", 1), node.attrs.integer("kernel_w", 1));
  return lowered;
}

}  // namespace mote
