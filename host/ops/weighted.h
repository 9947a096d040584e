// What operators with weights share: convolution, depthwise, fully connected.
#pragma once

#include <cstdint>
#include <string_view>
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

// Which kernels the element types of (input, weights [, bias]) ask for.
struct WeightedTypes {
  std::string_view suffix;  // of the kernel family: "s8", "s16", "s16_bias32" or "f32"
  DType bias = DType::s32;  // of the bias that the kernel takes, present or not

  [[nodiscard]] bool real() const { return bias == DType::f32; }
};

// The operand types that have a kernel:
//   s8 x s8 + s32 -> s8      s16 x s8 + s64 -> s16      s16 x s8 + s32 -> s16 (s16_bias32)      f32 x f32 + f32 -> f32
// Without a bias, s16 is summed as if there were an s64 one.
// Errors: any other combination, weights or bias that are not constant, a bias that does not have `channels` elements.
Result<WeightedTypes> weighted_types(const Graph& graph, const Node& node, std::int64_t channels);

// input * weight[c] / output as multipliers: `scales` of them (one per channel, or 1), along `axis` of the weights,
// their first or last. Proves from the constants that no channel's accumulator can leave its width at any moment of the
// sum,
//   max|x + in_offset| * sum|weights| + |bias| < 2^31 (2^47 where the bias is s64), and < 2^30 once scaled.
// Errors: bad scales or zero points; an accumulator that can overflow.
Result<ChannelQuant> channel_quant(const Graph& graph, const Node& node, const WeightedTypes& types, std::int32_t axis,
                                   std::int64_t scales);

// What channel_quant proves, for infer; nothing for f32.
Status check_quant(const Graph& graph, const Node& node, const WeightedTypes& types, std::int32_t axis,
                   std::int64_t scales);

// Adds input, weights, bias (zeros where the model has none), multiplier and shift (nothing for f32), and output.
void add_weighted_args(const Node& node, const WeightedTypes& types, std::int64_t channels, const ChannelQuant& quant,
                       KernelCall& call);

}  // namespace mote
