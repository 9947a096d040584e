// Import, inference and lowering of element-wise operators of two operands.
#include "host/ops/binary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "host/ops/quantization.h"

namespace mote {
namespace {

constexpr const char* kHeader = "contract/ops/binary_params.h";

// Field ids of AddOptions, SubOptions and MulOptions.
enum Field { kActivation = 0 };

struct BinaryQuant {
  PerTensor a, b, out;
  Clamp clamp;
};

Result<BinaryQuant> binary_quant(const Graph& g, const Node& node) {
  MOTE_LET(a, per_tensor_quant(g, node.inputs[0]));
  MOTE_LET(b, per_tensor_quant(g, node.inputs[1]));
  MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
  const DType type = g.tensor(node.outputs[0]).type;
  if (type == DType::s16 && (a.zero_point != 0 || b.zero_point != 0 || out.zero_point != 0)) {
    return Error{"int16 activations must have zero point 0", "", "convert the model again"};
  }
  MOTE_LET(clamp, quantized_clamp(node, type, out));
  return BinaryQuant{a, b, out, clamp};
}

}  // namespace

Status binary_from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  return set_activation(options.i8(kActivation, 0), node);
}

Result<std::vector<Inferred>> infer_binary(const Graph& g, const Node& node, QuantizedBinary quantized) {
  const Tensor& a = g.tensor(node.inputs[0]);
  const Tensor& b = g.tensor(node.inputs[1]);
  const bool known = a.type == DType::s8 || a.type == DType::s16 || a.type == DType::s32 || a.type == DType::f32;
  if (a.type != b.type || !known) {
    return Error{fmt::format("{} with {} has no kernel", name_of(a.type), name_of(b.type)), "",
                 "convert the model to int8, int16 or float32"};
  }
  if (a.type == DType::s32 && node.attrs.string("activation", "none") != "none") {
    return Error{"int32 with a fused activation has no kernel", "", "make the activation an operator of its own"};
  }
  MOTE_LET(shape, broadcast_shape(a.shape, b.shape));
  MOTE_LET(walk, broadcast_walk(a.shape, b.shape));
  if (a.type == DType::s8 || a.type == DType::s16) {
    if (auto params = quantized(g, node, walk); !params.ok()) return std::move(params).error();
  }
  return std::vector<Inferred>{{a.type, shape}};
}

Result<ParamsBlob> scaled_sum(const Graph& g, const Node& node, const BroadcastWalk& walk) {
  MOTE_LET(q, binary_quant(g, node));
  const auto twice_larger = 2 * static_cast<double>(std::max(q.a.scale, q.b.scale));
  ScaledBinaryParams p{};
  set_walk(walk, p);
  p.a_offset = -q.a.zero_point;
  p.b_offset = -q.b.zero_point;
  p.left_shift = g.tensor(node.outputs[0]).type == DType::s8 ? 20 : 15;
  MOTE_LET(a, quantize_multiplier(static_cast<double>(q.a.scale) / twice_larger));
  MOTE_LET(b, quantize_multiplier(static_cast<double>(q.b.scale) / twice_larger));
  MOTE_LET(out, quantize_multiplier(twice_larger / (std::ldexp(1.0, p.left_shift) * static_cast<double>(q.out.scale))));
  if (out.shift > 0) {
    return Error{fmt::format("operand scales {} and {} are too large for the output's scale {}", q.a.scale, q.b.scale,
                             q.out.scale),
                 "", "check the scales"};
  }
  p.a_multiplier = a.multiplier;
  p.a_shift = a.shift;
  p.b_multiplier = b.multiplier;
  p.b_shift = b.shift;
  p.out_multiplier = out.multiplier;
  p.out_shift = out.shift;
  p.out_offset = q.out.zero_point;
  p.clamp_min = q.clamp.min;
  p.clamp_max = q.clamp.max;
  return params_blob("ScaledBinaryParams", kHeader, p, [](const auto& v, FieldWriter& f) {
    walk_fields(v, f);
    f("a_offset", v.a_offset), f("b_offset", v.b_offset);
    f("left_shift", v.left_shift);
    f("a_multiplier", v.a_multiplier), f("a_shift", v.a_shift);
    f("b_multiplier", v.b_multiplier), f("b_shift", v.b_shift);
    f("out_multiplier", v.out_multiplier), f("out_shift", v.out_shift);
    f("out_offset", v.out_offset);
    f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
  });
}

Result<ParamsBlob> scaled_product(const Graph& g, const Node& node, const BroadcastWalk& walk) {
  MOTE_LET(q, binary_quant(g, node));
  const double largest = g.tensor(node.outputs[0]).type == DType::s8 ? 255.0 * 255.0 : 1 << 30;
  const double factor =
      static_cast<double>(q.a.scale) * static_cast<double>(q.b.scale) / static_cast<double>(q.out.scale);
  // Then neither a left shift nor the output's zero point can overflow 32 bits.
  if (largest * factor >= 1 << 30) {
    return Error{fmt::format("operand scales {} and {} are too large for the output's scale {}", q.a.scale, q.b.scale,
                             q.out.scale),
                 "", "check the scales"};
  }
  MOTE_LET(out, quantize_multiplier(factor));
  ProductParams p{};
  set_walk(walk, p);
  p.a_offset = -q.a.zero_point;
  p.b_offset = -q.b.zero_point;
  p.out_multiplier = out.multiplier;
  p.out_shift = out.shift;
  p.out_offset = q.out.zero_point;
  p.clamp_min = q.clamp.min;
  p.clamp_max = q.clamp.max;
  return params_blob("ProductParams", kHeader, p, [](const auto& v, FieldWriter& f) {
    walk_fields(v, f);
    f("a_offset", v.a_offset), f("b_offset", v.b_offset);
    f("out_multiplier", v.out_multiplier), f("out_shift", v.out_shift);
    f("out_offset", v.out_offset);
    f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
  });
}

Result<Lowered> lower_binary(const Graph& g, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                             std::string_view op, QuantizedBinary quantized) {
  const Tensor& y = g.tensor(node.outputs[0]);
  MOTE_LET(walk, broadcast_walk(g.tensor(node.inputs[0]).shape, g.tensor(node.inputs[1]).shape));
  KernelCall call;
  if (y.type == DType::f32) {
    BinaryF32Params p{};
    set_walk(walk, p);
    MOTE_LET(clamp, float_clamp(node));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("BinaryF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      walk_fields(v, f);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  } else if (y.type == DType::s32) {
    BroadcastParams p{};
    set_walk(walk, p);
    call.params = params_blob("BroadcastParams", kHeader, p, [](const auto& v, FieldWriter& f) { walk_fields(v, f); });
  } else {
    MOTE_LET(blob, quantized(g, node, walk));
    call.params = std::move(blob);
  }
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.inputs[1]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(rows, fmt::format("{}_{}", op, name_of(y.type)), isas, call));
  // Element i is read before y[i] is written, and never again where the operand is not repeated.
  std::vector<InPlace> in_place;
  for (std::size_t i = 0; i < 2; ++i) {
    const Tensor& x = g.tensor(node.inputs[i]);
    if (!x.is_constant && elements(x.shape) == elements(y.shape)) in_place.push_back({i, 0});
  }
  return Lowered::of(std::move(call), std::move(in_place));
}

}  // namespace mote
