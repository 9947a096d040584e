// Packing of weights on the host for the kernels of MVE.
#pragma once

#include <optional>

#include "contract/ops/conv_2d_params.h"
#include "host/ops/packing.h"

namespace mote {

// The packing of device/kernels/vector_panels.h. Nothing when a shift is beyond [-31, -1].
std::optional<Constant> pack_vector_panels(const ChannelWeights& weights, const Conv2dParams& params);

// The packing of depthwise_conv_2d_s8_3x3_mve, for nine taps per channel. Nothing when a shift is beyond [-31, -1].
std::optional<Constant> pack_vector_tiles(const ChannelWeights& weights);

// The packing of fully_connected_s8_mve and depthwise_conv_2d_s8_mve. Nothing when a shift is beyond [-31, -1].
std::optional<Constant> pack_by_4(const ChannelWeights& weights);

}  // namespace mote
