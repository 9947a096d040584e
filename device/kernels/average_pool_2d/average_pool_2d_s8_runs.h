// int8 average pooling for cores without SIMD: a channel at a time, over runs of pixels.
#pragma once

#include <cstdint>

#include "contract/quant/requantize.h"
#include "device/kernels/average_pool_2d/average_pool_2d.h"

namespace mote::kernels::runs {

inline void average_pool_2d_s8(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
  const std::int32_t row_step = p.in_w * p.channels;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * row_step) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow) {
        const std::int32_t top = oh * p.stride_h - p.pad_top;
        const std::int32_t left = ow * p.stride_w - p.pad_left;
        const std::int32_t first_row = top < 0 ? 0 : top;
        const std::int32_t first_column = left < 0 ? 0 : left;
        const std::int32_t end_row = top + p.kernel_h < p.in_h ? top + p.kernel_h : p.in_h;
        const std::int32_t end_column = left + p.kernel_w < p.in_w ? left + p.kernel_w : p.in_w;
        std::int32_t rows = end_row - first_row;
        std::int32_t run = (end_column - first_column) * p.channels;
        const std::int32_t count = rows * (end_column - first_column);
        if (run == row_step) {  // whole rows are one run
          run *= rows;
          rows = 1;
        }
        const std::int8_t* const first = x + first_row * row_step + first_column * p.channels;
        for (std::int32_t c = 0; c < p.channels; ++c) {
          std::int32_t sum = 0;
          const std::int8_t* row = first + c;
          for (std::int32_t i = 0; i < rows; ++i, row += row_step) {
            for (std::int32_t at = 0; at != run; at += p.channels) sum += row[at];
          }
          const std::int32_t q = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
          *y++ = static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
        }
      }
    }
  }
}

}  // namespace mote::kernels::runs
