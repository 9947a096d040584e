// Type rules and multipliers of weighted operators.
#include "host/ops/weighted.h"

#include <cstdlib>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace mote {

std::int32_t narrow(std::int64_t value) {
  if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max()) {
    std::abort();  // the verifier bounds every dimension by kMaxElements
  }
  return static_cast<std::int32_t>(value);
}

Status check_conv_types(const Graph& g, const Node& node, std::int64_t channels) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  const bool real = x.type == DType::f32 && k.type == DType::f32;
  const bool s8 = x.type == DType::s8 && k.type == DType::s8;
  if (!real && !s8) {
    return Error{fmt::format("input {} with weights {} has no kernel", name_of(x.type), name_of(k.type)), "",
                 "convert the model to full int8 (or keep it all float32)"};
  }
  if (!k.is_constant) return Error{"weights must be constant", "tensor '" + k.name + "'", ""};
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    const Tensor& b = g.tensor(node.inputs[2]);
    const DType wanted = real ? DType::f32 : DType::s32;
    if (b.type != wanted || elements(b.shape) != channels || !b.is_constant) {
      return Error{fmt::format("bias {}{} should be a constant {}[{}]", name_of(b.type), text_of(b.shape),
                               name_of(wanted), channels),
                   "tensor '" + b.name + "'", ""};
    }
  }
  return {};
}

Status check_taps(std::int64_t taps) {
  constexpr std::int64_t kMaxTaps = 1 << 15;
  if (taps <= kMaxTaps) return {};
  return Error{fmt::format("{} products are summed into one accumulator, at most {} are proven not to overflow", taps,
                           kMaxTaps),
               "", "split the layer"};
}

Result<ChannelQuant> channel_quant(const Graph& g, const Node& node, std::int32_t axis, std::int64_t channels) {
  MOTE_LET(in, per_tensor_quant(g, node.inputs[0]));
  MOTE_LET(out, per_tensor_quant(g, node.outputs[0]));
  MOTE_LET(weights, weight_scales(g, node.inputs[1], axis, channels));
  ChannelQuant q;
  q.in_offset = -in.zero_point;
  q.out_offset = out.zero_point;
  MOTE_LET(clamp, quantized_clamp(node, g.tensor(node.outputs[0]).type, out));
  q.clamp = clamp;
  for (const float w : weights) {
    MOTE_LET(m, quantize_multiplier(static_cast<double>(in.scale) * static_cast<double>(w) / static_cast<double>(out.scale)));
    q.multiplier.push_back(m.multiplier);
    q.shift.push_back(static_cast<std::int8_t>(m.shift));  // in [-31, 30]
  }
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    const Tensor& b = g.tensor(node.inputs[2]);
    for (std::size_t i = 0; i + 4 <= b.data.size(); i += 4) {
      std::int32_t v = 0;
      std::memcpy(&v, &b.data[i], sizeof v);
      if (v > (1 << 30) || v < -(1 << 30)) {
        return Error{fmt::format("bias {} of channel {} is beyond 2^30", v, i / 4), "tensor '" + b.name + "'", ""};
      }
    }
  }
  return q;
}

void add_bias(TensorId bias, DType type, std::int64_t channels, KernelCall& call) {
  if (bias != kNoTensor) {
    call.add_tensor(bias);
    return;
  }
  call.add_constant({"bias", type, std::vector<std::uint8_t>(static_cast<std::size_t>(channels) * 4, 0)});
}

}  // namespace mote
