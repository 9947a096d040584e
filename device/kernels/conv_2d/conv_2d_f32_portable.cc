// The specification of float convolution in plain loops.
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {

void conv_2d_f32_portable(const Conv2dF32Params& p, const float* x, const float* k, const float* b, float* y) {
  for (std::int32_t n = 0; n < p.batches; ++n) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        const float* w = k;
        for (std::int32_t o = 0; o < p.out_c; ++o) {
          float acc = 0.0F;
          for (std::int32_t i = 0; i < p.kernel_h; ++i) {
            const std::int32_t ih = oh * p.stride_h + i * p.dilation_h - p.pad_top;
            for (std::int32_t j = 0; j < p.kernel_w; ++j, w += p.in_c) {
              const std::int32_t iw = ow * p.stride_w + j * p.dilation_w - p.pad_left;
              if (ih < 0 || ih >= p.in_h || iw < 0 || iw >= p.in_w) continue;
              const float* pixel = x + ((n * p.in_h + ih) * p.in_w + iw) * p.in_c;
              for (std::int32_t c = 0; c < p.in_c; ++c) acc += pixel[c] * w[c];
            }
          }
          const float v = acc + b[o];
          *y++ = v < p.clamp_min ? p.clamp_min : (v > p.clamp_max ? p.clamp_max : v);
        }
      }
    }
  }
}

}  // namespace mote::kernels
