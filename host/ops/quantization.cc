// Scales to multipliers, activations to clamps. Source: TFLite 8-bit quantisation specification.
#include "host/ops/quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace mote {
namespace {

std::string tensor_name(const Graph& graph, TensorId id) { return "tensor '" + graph.tensor(id).name + "'"; }

bool good_scale(float s) { return std::isfinite(s) && s > 0.0F; }

}  // namespace

Result<Multiplier> quantize_multiplier(double real) {
  if (!std::isfinite(real) || real < 0.0)
    return Error{fmt::format("a scale factor of {} cannot be quantised", real), "", ""};
  if (real == 0.0) return Multiplier{0, 0};
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);
  auto q = static_cast<std::int64_t>(std::round(fraction * static_cast<double>(std::int64_t{1} << 31)));
  if (q == std::int64_t{1} << 31) {
    q /= 2;
    ++exponent;
  }
  if (exponent < -31) return Multiplier{0, 0};
  if (exponent > 30) return Error{fmt::format("a scale factor of {} is 2^30 or more", real), "", "check the scales"};
  return Multiplier{static_cast<std::int32_t>(q), exponent};  // q in [2^30, 2^31)
}

Clamp range_of(DType type) {
  switch (type) {
    case DType::s8: return {-128, 127};
    case DType::u8: return {0, 255};
    case DType::s16: return {-32768, 32767};
    default: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
}

Result<PerTensor> per_tensor_quant(const Graph& graph, TensorId id) {
  const Tensor& t = graph.tensor(id);
  if (t.quant.scale.size() != 1 || t.quant.zero_point.size() != 1) {
    return Error{t.quant.empty() ? "is not quantised" : "is quantised per channel where one scale is needed",
                 tensor_name(graph, id), "quantise the model to int8 with one scale per activation tensor"};
  }
  if (!good_scale(t.quant.scale[0])) {
    return Error{fmt::format("has scale {}", t.quant.scale[0]), tensor_name(graph, id),
                 "a scale is finite and above 0"};
  }
  const Clamp range = range_of(t.type);
  if (t.quant.zero_point[0] < range.min || t.quant.zero_point[0] > range.max) {
    return Error{fmt::format("has zero point {} outside {}", t.quant.zero_point[0], name_of(t.type)),
                 tensor_name(graph, id), ""};
  }
  return PerTensor{t.quant.scale[0], t.quant.zero_point[0]};
}

Result<std::vector<float>> weight_scales(const Graph& graph, TensorId id, std::int32_t axis, std::int64_t channels) {
  const Quant& q = graph.tensor(id).quant;
  const auto count = static_cast<std::int64_t>(q.scale.size());
  const bool shape_ok = count == 1 || (count == channels && q.axis == axis);
  if (!shape_ok || q.zero_point.size() != q.scale.size()) {
    return Error{fmt::format("has {} scales along axis {} where 1, or {} along axis {}, are needed", count, q.axis,
                             channels, axis),
                 tensor_name(graph, id), ""};
  }
  if (!std::all_of(q.scale.begin(), q.scale.end(), good_scale)) {
    return Error{"has a scale that is not finite and above 0", tensor_name(graph, id), ""};
  }
  if (std::any_of(q.zero_point.begin(), q.zero_point.end(), [](std::int32_t z) { return z != 0; })) {
    return Error{"has a zero point other than 0", tensor_name(graph, id), "int8 weights are symmetric"};
  }
  return count == channels ? q.scale : std::vector<float>(static_cast<std::size_t>(channels), q.scale[0]);
}

Result<ClampF32> float_clamp(const Node& node) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::string a = node.attrs.string("activation", "none");
  if (a == "none") return ClampF32{-kInf, kInf};
  if (a == "relu") return ClampF32{0.0F, kInf};
  if (a == "relu6") return ClampF32{0.0F, 6.0F};
  if (a == "relu_n1_to_1") return ClampF32{-1.0F, 1.0F};
  return Error{fmt::format("unknown fused activation '{}'", a), "", "use none, relu, relu6 or relu_n1_to_1"};
}

Result<Clamp> quantized_clamp(const Node& node, DType type, const PerTensor& out) {
  MOTE_LET(real, float_clamp(node));
  Clamp c = range_of(type);
  // TFLite rounds f / scale in float, half away from zero, then adds the zero point.
  const auto quantized = [&](float f) {
    const double q = std::round(f / out.scale) + static_cast<double>(out.zero_point);
    return static_cast<std::int32_t>(std::clamp(q, static_cast<double>(c.min), static_cast<double>(c.max)));
  };
  const Clamp range = c;
  if (std::isfinite(real.min)) c.min = std::max(range.min, quantized(real.min));
  if (std::isfinite(real.max)) c.max = std::min(range.max, quantized(real.max));
  c.min = std::max(c.min, static_cast<std::int32_t>(std::clamp<std::int64_t>(node.attrs.integer("clamp_min", range.min),
                                                                             range.min, range.max)));
  c.max = std::min(c.max, static_cast<std::int32_t>(std::clamp<std::int64_t>(node.attrs.integer("clamp_max", range.max),
                                                                             range.min, range.max)));
  if (c.min > c.max) c.min = c.max;
  return c;
}

Status set_activation(std::int64_t tflite_activation, Node& node) {
  switch (tflite_activation) {
    case 0: node.attrs.set("activation", std::string("none")); return {};
    case 1: node.attrs.set("activation", std::string("relu")); return {};
    case 2: node.attrs.set("activation", std::string("relu_n1_to_1")); return {};
    case 3: node.attrs.set("activation", std::string("relu6")); return {};
    default:
      return Error{fmt::format("fused activation {} has no reference kernel", tflite_activation), "",
                   "make the activation an operator of its own"};
  }
}

}  // namespace mote
