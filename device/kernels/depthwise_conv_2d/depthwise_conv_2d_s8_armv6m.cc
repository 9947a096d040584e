// int8 depthwise convolution for Armv6-M.
#include "device/isa/armv6m.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d_s8_planes.h"

namespace mote::kernels {

void depthwise_conv_2d_s8_armv6m(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                 std::uint8_t* scratch, std::int8_t* y) {
  planes::depthwise_conv_2d_s8<isa::RoundingDoublingHighMul>(p, x, packed, scratch, y);
}

}  // namespace mote::kernels
