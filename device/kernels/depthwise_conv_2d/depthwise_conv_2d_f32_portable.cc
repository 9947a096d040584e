// The specification of float depthwise convolution in plain loops.
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels {

void depthwise_conv_2d_f32_portable(const DepthwiseConv2dF32Params& p, const float* x, const float* k, const float* b,
                                    float* y) {
  for (std::int32_t n = 0; n < p.batches; ++n) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        for (std::int32_t o = 0; o < p.out_c; ++o) {
          const std::int32_t c = o / p.depth_multiplier;
          float acc = 0.0F;
          for (std::int32_t i = 0; i < p.kernel_h; ++i) {
            const std::int32_t ih = oh * p.stride_h + i * p.dilation_h - p.pad_top;
            if (ih < 0 || ih >= p.in_h) continue;
            for (std::int32_t j = 0; j < p.kernel_w; ++j) {
              const std::int32_t iw = ow * p.stride_w + j * p.dilation_w - p.pad_left;
              if (iw < 0 || iw >= p.in_w) continue;
              acc += x[((n * p.in_h + ih) * p.in_w + iw) * p.in_c + c] * k[(i * p.kernel_w + j) * p.out_c + o];
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
