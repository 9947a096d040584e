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

[[gnu::noinline]] inline void fill_slot(const DepthwiseConv2dParams& p, const Ring& ring, const std::int8_t* image,
                                        std::int32_t row, std::uint8_t* slot) {
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
    for (; to != end; to += ring.width) *to = static_cast<std::uint8_t>(*from++ + 128);  // in [0, 255]
  }
}

// One row of one output channel; assembly knows the offsets.
struct Line {
  std::int8_t* y;               // 0
  std::int32_t y_step;          // 4
  std::int8_t* y_end;           // 8
  const std::uint8_t* rows[3];  // 12: of a 3x3 kernel
  std::int32_t stride;          // 24
  const std::int32_t* record;   // 28: see depthwise_conv_2d.h
  std::int32_t clamp_min, clamp_max;
};

// sum + the products of four adjacent taps. An instruction set may specialise it for its HighMul.
template <class HighMul>
struct FourTaps {
  [[nodiscard]] static std::int32_t add(std::int32_t sum, const std::uint8_t* row, const std::int8_t* k) {
    return sum + row[0] * k[0] + row[1] * k[1] + row[2] * k[2] + row[3] * k[3];
  }
};

// Of one row of a kernel: sum(row[j * step] * k[j]).
template <class HighMul>
inline std::int32_t sum_row(const std::uint8_t* row, const std::int8_t* k, std::int32_t count, std::int32_t step) {
  std::int32_t sum = 0;
  if (step == 1) {
    for (; count >= 4; count -= 4, row += 4, k += 4) sum = FourTaps<HighMul>::add(sum, row, k);
  }
  for (; count > 0; --count, row += step) sum += *row * *k++;
  return sum;
}

// A Line of any kernel, whose first row begins `left` into the ring. On its own it leaves the registers to the 3x3
// lines.
template <class HighMul>
[[gnu::noinline]] void fill_line(const DepthwiseConv2dParams& p, const Ring& ring, std::int32_t left, const Line& line,
                                 const isa::Requantize<HighMul>& requantize) {
  const std::int32_t ring_bytes = ring.span * ring.row_bytes;
  const std::uint8_t* const end = ring.slots + ring_bytes;
  const std::int32_t row_step = p.dilation_h * ring.row_bytes;
  for (std::int8_t* y = line.y; y != line.y_end; y += line.y_step, left += line.stride) {
    std::int32_t acc = line.record[0];
    const auto* k = static_cast<const std::int8_t*>(static_cast<const void*>(line.record + 4));
    const std::uint8_t* row = ring.slots + left;
    for (std::int32_t i = 0; i < p.kernel_h; ++i, k += p.kernel_w, row += row_step) {
      if (row >= end) row -= ring_bytes;
      acc += sum_row<HighMul>(row, k, p.kernel_w, p.dilation_w);
    }
    *y = static_cast<std::int8_t>(quant::clamp(requantize(acc), p.clamp_min, p.clamp_max));  // in [-128, 127]
  }
}

// `fill_line_3x3` makes a Line of an undilated 3x3 kernel.
template <class HighMul, class FillLine3x3>
void depthwise_conv_2d_s8(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                          std::uint8_t* scratch, std::int8_t* y, const FillLine3x3& fill_line_3x3) {
  const std::int32_t taps = p.kernel_h * p.kernel_w;
  const std::int32_t width = planes_width(p);
  const Ring ring{scratch, planes_span(p), width, p.in_c * width};
  const bool is_3x3 = p.kernel_h == 3 && p.kernel_w == 3 && p.dilation_h == 1 && p.dilation_w == 1;
  Line line{};
  line.y = y;
  line.y_step = p.out_c;
  line.stride = p.stride_w;
  line.clamp_min = p.clamp_min;
  line.clamp_max = p.clamp_max;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * p.in_w * p.in_c) {
    std::int32_t filled = 0;  // rows of the padded input
    for (std::int32_t oh = 0; oh < p.out_h; ++oh, line.y += (p.out_w - 1) * p.out_c) {
      const std::int32_t top = oh * p.stride_h;
      for (filled = filled < top ? top : filled; filled < top + ring.span; ++filled) {
        fill_slot(p, ring, x, filled, ring.slots + filled % ring.span * ring.row_bytes);
      }
      const std::int32_t first_slot = top % ring.span;
      for (std::int32_t i = 0; is_3x3 && i < 3; ++i) {
        line.rows[i] = ring.slots + (first_slot + i < 3 ? first_slot + i : first_slot + i - 3) * ring.row_bytes;
      }
      line.record = packed;
      for (std::int32_t plane = 0; plane < ring.row_bytes; plane += width) {
        for (std::int32_t m = 0; m < p.depth_multiplier; ++m, ++line.y, line.record += planes_record_words(taps)) {
          line.y_end = line.y + p.out_w * p.out_c;
          if (is_3x3) {
            fill_line_3x3(line);
          } else {
            fill_line(p, ring, first_slot * ring.row_bytes + plane, line,
                      isa::Requantize<HighMul>::of_words(line.record + 1));
          }
        }
        for (const std::uint8_t*& row : line.rows) row += width;
      }
    }
  }
}

}  // namespace mote::kernels::planes
