// int8 depthwise 3x3 convolution for Armv7E-M, a slice of the channels at a time: little scratch, and in place.
#include "device/kernels/depthwise_conv_2d/column_pairs_armv7em.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels {

void depthwise_conv_2d_s8_3x3_sliced_armv7em(const DepthwiseConv2dParams& p, const std::int8_t* x,
                                             const std::int32_t* packed, std::uint8_t* scratch, std::int8_t* y) {
  column_pairs::run(p, x, packed, scratch, y, kColumnPairsSlice);
}

}  // namespace mote::kernels
