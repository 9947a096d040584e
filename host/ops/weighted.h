// What operators with weights share: convolution, depthwise, fully connected.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/quantization.h"

namespace mote {

// Requantisation of an accumulator to the output, per output channel.
struct ChannelQuant {
  std::int32_t in_offset = 0;   // minus the input's zero point
  std::int32_t out_offset = 0;  // the output's zero point
  Clamp clamp;
  std::vector<std::int32_t> multiplier;
  std::vector<std::int8_t> shift;
};

// Types and bias shape of (input, weights [, bias]) -> output: all f32, or s8 x s8 + s32 -> s8.
// Errors: any other combination, a bias that does not have `channels` elements, a missing constant.
Status check_conv_types(const Graph& graph, const Node& node, std::int64_t channels);

// Bounds the taps summed into one int32 accumulator: taps <= 2^15, so |sum| <= 2^15 * 255 * 128 < 2^30.
Status check_taps(std::int64_t taps);

// scale[c] = input * weight[c] / output as multipliers, weights' channels along `axis`.
// Errors: bad scales or zero points; a bias beyond +-2^30.
Result<ChannelQuant> channel_quant(const Graph& graph, const Node& node, std::int32_t axis, std::int64_t channels);

// Adds the bias argument: the tensor, or zeros of `type` where the model has none.
void add_bias(TensorId bias, DType type, std::int64_t channels, KernelCall& call);

// A verified dimension as the int32 that kernels take. value in [-2^31, 2^31).
[[nodiscard]] std::int32_t narrow(std::int64_t value);

}  // namespace mote
