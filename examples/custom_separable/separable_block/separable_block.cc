// Depthwise 3x3 and pointwise, int8, one pixel at a time: the depthwise result of a pixel lies in scratch.
#include "separable_block.h"

#include "contract/quant/requantize.h"

namespace mote::kernels {
namespace {

// The channels of one pixel between the two convolutions. |sum| <= 9 * 255 * 128 + |bias|.
void depthwise_pixel(const SeparableBlockParams& p, const std::int8_t* x, const std::int8_t* k,
                     const std::int32_t* bias, std::int32_t row, std::int32_t column, std::int8_t* middle) {
  for (std::int32_t c = 0; c < p.channels; ++c) {
    std::int32_t sum = bias[c];
    for (std::int32_t i = 0; i < 3; ++i) {
      for (std::int32_t j = 0; j < 3; ++j) {
        const std::int32_t h = row * p.stride - p.pad_top + i;
        const std::int32_t w = column * p.stride - p.pad_left + j;
        if (h < 0 || h >= p.height || w < 0 || w >= p.width) continue;
        sum += (x[(h * p.width + w) * p.channels + c] - p.x_zero_point) * k[(i * 3 + j) * p.channels + c];
      }
    }
    const std::int32_t value =
        p.middle_zero_point + quant::requantize_double_rounding(sum, p.middle_multiplier, p.middle_shift);
    middle[c] = static_cast<std::int8_t>(quant::clamp(value, p.middle_zero_point, 127));
  }
}

}  // namespace

void separable_block(const SeparableBlockParams& p, const std::int8_t* x, const std::int8_t* depthwise,
                     const std::int32_t* depthwise_bias, const std::int8_t* pointwise,
                     const std::int32_t* pointwise_bias, std::int8_t* y, std::uint8_t* scratch) {
  auto* middle = reinterpret_cast<std::int8_t*>(scratch);
  for (std::int32_t row = 0; row < p.out_height; ++row) {
    for (std::int32_t column = 0; column < p.out_width; ++column) {
      depthwise_pixel(p, x, depthwise, depthwise_bias, row, column, middle);
      for (std::int32_t n = 0; n < p.out_channels; ++n) {
        std::int32_t sum = pointwise_bias[n];
        for (std::int32_t c = 0; c < p.channels; ++c) {
          sum += (middle[c] - p.middle_zero_point) * pointwise[n * p.channels + c];
        }
        const std::int32_t value = p.y_zero_point + quant::requantize_double_rounding(sum, p.y_multiplier, p.y_shift);
        *y++ = static_cast<std::int8_t>(quant::clamp(value, p.y_zero_point, 127));
      }
    }
  }
}

}  // namespace mote::kernels
