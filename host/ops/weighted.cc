// Type rules and multipliers of weighted operators.
#include "host/ops/weighted.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace mote {
namespace {

const Tensor* bias_of(const Graph& g, const Node& node) {
  return node.inputs.size() > 2 && node.inputs[2] != kNoTensor ? &g.tensor(node.inputs[2]) : nullptr;
}

std::int64_t bias_value(const Tensor& b, std::size_t i) {
  std::int64_t wide = 0;
  std::int32_t v = 0;
  const std::size_t at = i * static_cast<std::size_t>(size_bytes(b.type));
  if (b.type == DType::s64) {
    std::memcpy(&wide, &b.data[at], sizeof wide);
    return wide;
  }
  std::memcpy(&v, &b.data[at], sizeof v);
  return v;
}

// Scaled accumulators stay below it, so that neither a left shift nor the output's zero point can overflow 32 bits.
constexpr double kMaxResult = 1 << 30;

// max|x + in_offset| * sum|weights| + |bias| for every output channel, at most `limit`: no moment of the sum is larger.
// The channels lie along `axis` of the weights, which is their first or last.
std::vector<std::int64_t> accumulator_bounds(const Graph& g, const Node& node, std::int32_t axis, std::int64_t limit) {
  const Tensor& k = g.tensor(node.inputs[1]);
  const Tensor* b = bias_of(g, node);
  const auto channels = static_cast<std::size_t>(k.shape.at(static_cast<std::size_t>(axis)));
  const std::int64_t largest_x = g.tensor(node.inputs[0]).type == DType::s8 ? 255 : 1 << 15;
  const std::size_t taps = k.data.size() / channels;
  std::vector<std::int64_t> bounds(channels, 0);  // at most 2^28 weights of 2^7 times 2^15: below 2^50
  for (std::size_t i = 0; i < k.data.size(); ++i) {
    bounds[axis == 0 ? i / taps : i % channels] += largest_x * std::abs(static_cast<std::int8_t>(k.data[i]));
  }
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t bias = b == nullptr ? 0 : bias_value(*b, c);
    bounds[c] = bias <= -limit || bias >= limit ? limit : std::min(limit, bounds[c] + std::abs(bias));
  }
  return bounds;
}

}  // namespace

Result<WeightedTypes> weighted_types(const Graph& g, const Node& node, std::int64_t channels) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  const Tensor* b = bias_of(g, node);
  WeightedTypes types;
  if (x.type == DType::f32 && k.type == DType::f32) {
    types = {"f32", DType::f32};
  } else if (x.type == DType::s8 && k.type == DType::s8) {
    types = {"s8", DType::s32};
  } else if (x.type == DType::s16 && k.type == DType::s8) {
    types = b != nullptr && b->type == DType::s32 ? WeightedTypes{"s16_bias32", DType::s32}
                                                  : WeightedTypes{"s16", DType::s64};
  } else {
    return Error{fmt::format("input {} with weights {} has no kernel", name_of(x.type), name_of(k.type)), "",
                 "convert the model to full int8 (or keep it all float32)"};
  }
  if (!k.is_constant) return Error{"weights must be constant", "tensor '" + k.name + "'", ""};
  if (b != nullptr && (b->type != types.bias || elements(b->shape) != channels || !b->is_constant)) {
    return Error{fmt::format("bias {}{} should be a constant {}[{}]", name_of(b->type), text_of(b->shape),
                             name_of(types.bias), channels),
                 "tensor '" + b->name + "'", ""};
  }
  return types;
}

Result<ChannelQuant> channel_quant(const Graph& g, const Node& node, const WeightedTypes& types, std::int32_t axis,
                                   std::int64_t scales) {
  constexpr std::int32_t kMaxShiftOfWideAccumulator = 7;
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
  MOTE_LET(weights, weight_scales(g, node.inputs[1], axis, scales));
  const DType type = g.tensor(node.outputs[0]).type;
  if (type == DType::s16 && (in.zero_point != 0 || out.zero_point != 0)) {
    return Error{"int16 activations must have zero point 0", "", "convert the model again"};
  }
  ChannelQuant q;
  q.in_offset = -in.zero_point;
  q.out_offset = out.zero_point;
  MOTE_LET(clamp, quantized_clamp(node, type, out));
  q.clamp = clamp;
  std::vector<double> factors;
  for (const float w : weights) {
    // All three in double: a product of the scales in float moves some int16 outputs by one.
    factors.push_back(static_cast<double>(in.scale) * static_cast<double>(w) / static_cast<double>(out.scale));
    MOTE_LET(m, quantize_multiplier(factors.back()));
    if (types.bias == DType::s64 && m.shift > kMaxShiftOfWideAccumulator) {
      return Error{
          fmt::format("input scale {} * weight scale {} / output scale {} is 128 or more", in.scale, w, out.scale), "",
          "check the scales"};
    }
    q.multiplier.push_back(m.multiplier);
    q.shift.push_back(static_cast<std::int8_t>(m.shift));  // in [-31, 30]
  }
  const std::int64_t limit = std::int64_t{1} << (types.bias == DType::s64 ? 47 : 31);
  const std::vector<std::int64_t> bounds = accumulator_bounds(g, node, axis, limit);
  for (std::size_t c = 0; c < bounds.size(); ++c) {
    const double result = static_cast<double>(bounds[c]) * factors[c % factors.size()];
    if (bounds[c] < limit && result < kMaxResult) continue;
    return Error{fmt::format("the accumulator of channel {} can reach {}, and {} after scaling; it is {} bits wide", c,
                             bounds[c], result, types.bias == DType::s64 ? 48 : 32),
                 "tensor '" + g.tensor(node.inputs[1]).name + "'", "check the biases and scales, or split the layer"};
  }
  return q;
}

Status check_quant(const Graph& g, const Node& node, const WeightedTypes& types, std::int32_t axis,
                   std::int64_t scales) {
  if (types.real()) return {};
  if (auto quant = channel_quant(g, node, types, axis, scales); !quant.ok()) return std::move(quant).error();
  return {};
}

void add_weighted_args(const Node& node, const WeightedTypes& types, std::int64_t channels, const ChannelQuant& quant,
                       KernelCall& call) {
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.inputs[1]);
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    call.add_tensor(node.inputs[2]);
  } else {
    const auto bytes = static_cast<std::size_t>(channels * size_bytes(types.bias));
    call.add_constant({"bias", types.bias, std::vector<std::uint8_t>(bytes, 0), 0});
  }
  if (!types.real()) {
    call.add_constant(constant("multiplier", DType::s32, quant.multiplier));
    call.add_constant(constant("shift", DType::s8, quant.shift));
  }
  call.add_tensor(node.outputs[0]);
}

}  // namespace mote
