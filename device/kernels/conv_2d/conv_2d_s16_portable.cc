// The specification of int16 convolution in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {

void conv_2d_s16_portable(const Conv2dParams& p, const std::int16_t* x, const std::int8_t* k, const std::int64_t* b,
                          const std::int32_t* multiplier, const std::int8_t* shift, std::int16_t* y) {
  for (std::int32_t n = 0; n < p.batches; ++n) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        const std::int8_t* w = k;
        for (std::int32_t o = 0; o < p.out_c; ++o) {
          std::int64_t acc = b[o];
          for (std::int32_t i = 0; i < p.kernel_h; ++i) {
            const std::int32_t ih = oh * p.stride_h + i * p.dilation_h - p.pad_top;
            for (std::int32_t j = 0; j < p.kernel_w; ++j, w += p.in_c) {
              const std::int32_t iw = ow * p.stride_w + j * p.dilation_w - p.pad_left;
              if (ih < 0 || ih >= p.in_h || iw < 0 || iw >= p.in_w) continue;
              const std::int16_t* pixel = x + ((n * p.in_h + ih) * p.in_w + iw) * p.in_c;
              for (std::int32_t c = 0; c < p.in_c; ++c) acc += (pixel[c] + p.in_offset) * w[c];
            }
          }
          const std::int32_t q = p.out_offset + quant::requantize_s64_single_rounding(acc, multiplier[o], shift[o]);
          *y++ = static_cast<std::int16_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-2^15, 2^15)
        }
      }
    }
  }
}

}  // namespace mote::kernels
