// The specification of float average pooling in plain loops.
#include "device/kernels/average_pool_2d/average_pool_2d.h"

namespace mote::kernels {

void average_pool_2d_f32_portable(const Pool2dF32Params& p, const float* x, float* y) {
  for (std::int32_t n = 0; n < p.batches; ++n) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        for (std::int32_t c = 0; c < p.channels; ++c) {
          float sum = 0;
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
          const float v = sum / static_cast<float>(count);
          *y++ = v < p.clamp_min ? p.clamp_min : (v > p.clamp_max ? p.clamp_max : v);
        }
      }
    }
  }
}

}  // namespace mote::kernels
