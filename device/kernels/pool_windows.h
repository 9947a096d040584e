// The windows of a pool, one by one, for kernels that take all channels of one at a time.
#pragma once

#include <cstdint>

#include "contract/ops/pool_2d_params.h"

namespace mote::kernels {

// The part of a window that lies inside the input.
struct PoolWindow {
  const std::int8_t* x;
  std::int32_t rows;
  std::int32_t columns;
  std::int32_t pixel_step;  // bytes from pixel to pixel
  std::int32_t row_skip;    // from the end of a row to the next
  std::int32_t channels;
  std::int8_t* y;
};

template <class Visit>
void for_each_pool_window(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y, const Visit& visit) {
  const std::int32_t row_step = p.in_w * p.channels;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * row_step) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      const std::int32_t top = oh * p.stride_h - p.pad_top;
      const std::int32_t first_row = top < 0 ? 0 : top;
      const std::int32_t end_row = top + p.kernel_h < p.in_h ? top + p.kernel_h : p.in_h;
      for (std::int32_t ow = 0; ow < p.out_w; ++ow, y += p.channels) {
        const std::int32_t left = ow * p.stride_w - p.pad_left;
        const std::int32_t first = left < 0 ? 0 : left;
        const std::int32_t end = left + p.kernel_w < p.in_w ? left + p.kernel_w : p.in_w;
        PoolWindow window{};
        window.x = x + first_row * row_step + first * p.channels;
        window.rows = end_row - first_row;
        window.columns = end - first;
        if (window.columns == p.in_w) {  // whole rows are one run
          window.columns *= window.rows;
          window.rows = 1;
        }
        window.pixel_step = p.channels;
        window.row_skip = row_step - window.columns * p.channels;
        window.channels = p.channels;
        window.y = y;
        visit(window);
      }
    }
  }
}

}  // namespace mote::kernels
