// int8 depthwise convolution for cores without SIMD: the rows that the kernel reaches are kept padded, one channel
// after the other, as unsigned bytes, so that loads need neither bounds nor strides. An instruction set adds
// Requantize.
#pragma once

#include <cstdint>

#include "contract/quant/requantize.h"
#include "device/isa/scalar.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels::planes {

// The rows' ring: row r of the padded input is in slot r % span, as [channel][column].
struct Ring {
  std::uint8_t* slots;
  std::int32_t span, width, row_bytes;
};

inline void fill_slot(const DepthwiseConv2dParams& p, const Ring& ring, const std::int8_t* image, std::int32_t row,
                      std::uint8_t* slot) {
  constexpr std::uint32_t kSign = 0x80;  // int8 plus 128, as unsigned
  const std::int32_t h = row - p.pad_top;
  const auto zero = static_cast<std::uint8_t>(128 - p.in_offset);  // in [0, 255]
  const bool is_row = h >= 0 && h < p.in_h;
  for (std::int32_t column = 0; column < ring.width; ++column) {
    const std::int32_t w = column - p.pad_left;
    std::uint8_t* to = slot + column;
    std::uint8_t* const end = to + ring.row_bytes;
    if (!is_row || w < 0 || w >= p.in_w) {
      for (; to != end; to += ring.width) *to = zero;
      continue;
    }
    const std::int8_t* from = image + (h * p.in_w + w) * p.in_c;
    for (; to != end; to += ring.width) *to = static_cast<std::uint8_t>(static_cast<std::uint32_t>(*from++) ^ kSign);
  }
}

// One row of one output channel.
struct Line {
  std::int8_t* y;
  std::int32_t y_step;
  std::int8_t* y_end;
  std::int32_t bias;
  std::int32_t clamp_min, clamp_max;
};

template <class HighMul>
void line_3x3(const Line& line, const std::uint8_t* r0, const std::uint8_t* r1, const std::uint8_t* r2,
              std::int32_t stride, const std::int8_t* k, const isa::Requantize<HighMul>& requantize) {
  const std::int32_t k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3], k4 = k[4], k5 = k[5], k6 = k[6], k7 = k[7], k8 = k[8];
  for (std::int8_t* y = line.y; y != line.y_end; y += line.y_step) {
    const std::int32_t acc = line.bias + r0[0] * k0 + r0[1] * k1 + r0[2] * k2 + r1[0] * k3 + r1[1] * k4 + r1[2] * k5 +
                             r2[0] * k6 + r2[1] * k7 + r2[2] * k8;
    r0 += stride;
    r1 += stride;
    r2 += stride;
    const std::int32_t q = requantize(acc);
    *y = static_cast<std::int8_t>(quant::clamp(q, line.clamp_min, line.clamp_max));  // in [-128, 127]
  }
}

template <class HighMul>
void depthwise_conv_2d_s8(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                          std::uint8_t* scratch, std::int8_t* y) {
  const std::int32_t taps = p.kernel_h * p.kernel_w;
  const std::int32_t width = planes_width(p);
  const Ring ring{scratch, planes_span(p), width, p.in_c * width};
  const bool is_3x3 = p.kernel_h == 3 && p.kernel_w == 3 && p.dilation_h == 1 && p.dilation_w == 1;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * p.in_w * p.in_c) {
    std::int32_t filled = 0;  // rows of the padded input
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      const std::int32_t top = oh * p.stride_h;
      for (filled = filled < top ? top : filled; filled < top + ring.span; ++filled) {
        fill_slot(p, ring, x, filled, ring.slots + filled % ring.span * ring.row_bytes);
      }
      const std::int32_t first_slot = top % ring.span;
      const auto row_of = [&](std::int32_t i) {
        const std::int32_t slot = first_slot + i * p.dilation_h;
        return ring.slots + (slot < ring.span ? slot : slot - ring.span) * ring.row_bytes;
      };
      const std::int32_t* record = packed;
      for (std::int32_t o = 0; o < p.out_c; ++o, record += planes_record_words(taps)) {
        const std::int32_t plane = o / p.depth_multiplier * width;
        const auto* const k = static_cast<const std::int8_t*>(static_cast<const void*>(record + 4));
        const auto requantize = isa::Requantize<HighMul>::of_words(record + 1);
        const Line line{y + o, p.out_c, y + o + p.out_w * p.out_c, record[0], p.clamp_min, p.clamp_max};
        if (is_3x3) {
          line_3x3(line, row_of(0) + plane, row_of(1) + plane, row_of(2) + plane, p.stride_w, k, requantize);
          continue;
        }
        std::int32_t left = plane;
        for (std::int8_t* to = line.y; to != line.y_end; to += line.y_step, left += p.stride_w) {
          std::int32_t acc = line.bias;
          const std::int8_t* weight = k;
          for (std::int32_t i = 0; i < p.kernel_h; ++i) {
            const std::uint8_t* at = row_of(i) + left;
            for (std::int32_t j = 0; j < p.kernel_w; ++j, at += p.dilation_w) acc += *at * *weight++;
          }
          const std::int32_t q = requantize(acc);
          *to = static_cast<std::int8_t>(quant::clamp(q, line.clamp_min, line.clamp_max));  // in [-128, 127]
        }
      }
      y += p.out_w * p.out_c;
    }
  }
}

}  // namespace mote::kernels::planes
