// Packing of weights on the host, in the layouts that fast kernels take.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "device/kernels/pixel_pairs.h"
#include "host/ops/kernel.h"
#include "host/ops/weighted.h"

namespace mote {

// int8 weights [channels][taps] with what becomes of their sums.
struct ChannelWeights {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> bias;  // per channel
  const ChannelQuant& quant;       // one multiplier per channel, or one in all
};

// The operands of a weighted int8 node whose weights' channels lie along the
// first axis or else the last. The node was verified.
enum class ChannelAxis : std::uint8_t { first, last };
ChannelWeights channel_weights(const Graph& graph, const Node& node, ChannelAxis axis, std::int64_t channels,
                               const ChannelQuant& quant);

// The packings of device/kernels/fused_lanes.h, the first for windows of `rows` rows of `row_bytes` bytes. Nothing when
// values rule it out: a sum beyond its bounds, a lane beyond int16, a shift beyond [-31, -2].
std::optional<Constant> pack_fused_lanes(const ChannelWeights& weights, std::int32_t rows, std::int32_t row_bytes);
std::optional<Constant> pack_fused_lanes_by_8(const ChannelWeights& weights);

// The packing of conv_2d_s8_winograd_armv7em, for 3x3 windows. Nothing when a sum leaves 30 bits or a shift [-31, -2].
std::optional<Constant> pack_winograd(const ChannelWeights& weights, std::int32_t in_channels);

// The packing of depthwise_conv_2d_s8_3x3_armv7em, for nine taps per channel.
// Nothing when a sum leaves int32 or a shift [-31, -2].
std::optional<Constant> pack_column_pairs(const ChannelWeights& weights);

// The packing of device/kernels/pixel_pairs.h. Nothing when a sum or a shift is beyond its bounds.
std::optional<Constant> pack_pixel_pairs(const ChannelWeights& weights, const kernels::PixelPairs& form);

// The packing of depthwise convolutions for cores without SIMD; nothing when a sum or a shift is beyond the bounds of
// device/kernels/pixel_pairs.h.
std::optional<Constant> pack_planes(const ChannelWeights& weights);

// What becomes of the sums in fully connected layers for such cores; nothing when a sum or a shift is beyond the same
// bounds.
std::optional<Constant> pack_records(const ChannelWeights& weights);

// The codes of fully_connected_s8_rice_portable. Nothing where they would not save a tenth of the weights and a
// kilobyte.
std::optional<Constant> pack_rice(const std::vector<std::int8_t>& weights);

// The arguments of a weighted kernel that takes packed weights and scratch:
// input, packed, scratch, output. False where there is no constant.
bool add_packed_args(const Node& node, std::optional<Constant> packed, KernelCall& call);

}  // namespace mote
