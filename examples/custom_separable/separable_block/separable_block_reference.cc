// The block on real numbers, as its mathematics says it.
#include "separable_block.h"

namespace mote::kernels {

void separable_block_reference(const SeparableBlockParams& p, const float* x, const float* depthwise,
                               const float* depthwise_bias, const float* pointwise, const float* pointwise_bias,
                               float* y) {
  for (std::int32_t row = 0; row < p.out_height; ++row) {
    for (std::int32_t column = 0; column < p.out_width; ++column) {
      for (std::int32_t n = 0; n < p.out_channels; ++n) {
        float sum = pointwise_bias[n];
        for (std::int32_t c = 0; c < p.channels; ++c) {
          float middle = depthwise_bias[c];
          for (std::int32_t tap = 0; tap < 9; ++tap) {
            const std::int32_t h = row * p.stride - p.pad_top + tap / 3;
            const std::int32_t w = column * p.stride - p.pad_left + tap % 3;
            const bool is_inside = h >= 0 && h < p.height && w >= 0 && w < p.width;
            if (is_inside) middle += x[(h * p.width + w) * p.channels + c] * depthwise[tap * p.channels + c];
          }
          if (middle > 0) sum += middle * pointwise[n * p.channels + c];
        }
        *y++ = sum > 0 ? sum : 0;
      }
    }
  }
}

}  // namespace mote::kernels
