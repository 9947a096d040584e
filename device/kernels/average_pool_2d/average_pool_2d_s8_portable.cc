// The specification of int8 average pooling in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/average_pool_2d/average_pool_2d.h"

namespace mote::kernels {

void average_pool_2d_s8_portable(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
  for (std::int32_t n = 0; n < p.batches; ++n) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        for (std::int32_t c = 0; c < p.channels; ++c) {
          std::int32_t sum = 0;
          std::int32_t count = 0;
          for (std::int32_t i = 0; i < p.kernel_h; ++i) {
            const std::int32_t ih = oh * p.stride_h + i - p.pad_top;
            if (ih < 0 || ih >= p.in_h) continue;
            for (std::int32_t j = 0; j < p.kernel_w; ++j) {
              const std::int32_t iw = ow * p.stride_w + j - p.pad_left;
              if (iw < 0 || iw >= p.in_w) continue;
              sum += x[((n * p.in_h + ih) * p.in_w + iw) * p.channels + c];
              ++count;
            }
          }
          const std::int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
          *y++ = static_cast<std::int8_t>(quant::clamp(mean, p.clamp_min, p.clamp_max));  // in [-128, 127]
        }
      }
    }
  }
}

}  // namespace mote::kernels
