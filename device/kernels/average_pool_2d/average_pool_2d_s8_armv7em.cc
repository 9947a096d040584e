// int8 average pooling for Armv7E-M: four channels to a word, summed as int16
// while that holds them.
#include "contract/quant/requantize.h"
#include "device/isa/armv7em.h"
#include "device/kernels/average_pool_2d/average_pool_2d.h"

namespace mote::kernels {
namespace {

// A window of the input that lies inside it.
struct Patch {
  const std::int8_t* at;
  std::int32_t rows, columns;
  std::int32_t pixel_step, row_step;
};

// Sums of four channels.
struct Sums {
  std::int32_t of[4];
};

Sums sum_words(const Patch& patch) {
  constexpr std::int32_t kHeld = 255;  // |sum of 255 bytes| <= 255 * 128 < 2^15
  Sums sums{};
  std::uint32_t even = 0;
  std::uint32_t odd = 0;
  std::int32_t room = kHeld;
  const auto drain = [&] {
    sums.of[0] += static_cast<std::int16_t>(even);  // the low half
    sums.of[2] += static_cast<std::int32_t>(even) >> 16;
    sums.of[1] += static_cast<std::int16_t>(odd);
    sums.of[3] += static_cast<std::int32_t>(odd) >> 16;
    even = odd = 0;
    room = kHeld;
  };
  const std::int8_t* row = patch.at;
  for (std::int32_t i = 0; i < patch.rows; ++i, row += patch.row_step) {
    const std::int8_t* pixel = row;
    for (std::int32_t left = patch.columns; left > 0;) {
      const std::int32_t run = left < room ? left : room;
      for (const std::int8_t* const end = pixel + run * patch.pixel_step; pixel != end; pixel += patch.pixel_step) {
        const std::uint32_t word = isa::load_word(pixel);
        even = isa::add_halves(even, isa::widen_even(word));
        odd = isa::add_halves(odd, isa::widen_odd(word));
      }
      left -= run;
      room -= run;
      if (room == 0) drain();
    }
  }
  drain();
  return sums;
}

std::int32_t sum_channel(const Patch& patch) {
  std::int32_t sum = 0;
  for (std::int32_t i = 0; i < patch.rows; ++i) {
    const std::int8_t* pixel = patch.at + i * patch.row_step;
    for (std::int32_t j = 0; j < patch.columns; ++j, pixel += patch.pixel_step) sum += *pixel;
  }
  return sum;
}

}  // namespace

void average_pool_2d_s8_armv7em(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
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
        Patch patch{x + first_row * row_step + first_column * p.channels, end_row - first_row,
                    end_column - first_column, p.channels, row_step};
        const std::int32_t count = patch.rows * patch.columns;
        if (patch.columns == p.in_w) {  // whole rows are one run
          patch.columns = count;
          patch.rows = 1;
        }
        const auto mean = [&](std::int32_t sum) {
          const std::int32_t q = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
          return static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
        };
        std::int32_t c = 0;
        for (; c + 4 <= p.channels; c += 4, patch.at += 4) {
          const Sums sums = sum_words(patch);
          for (const std::int32_t sum : sums.of) *y++ = mean(sum);
        }
        for (; c < p.channels; ++c, ++patch.at) *y++ = mean(sum_channel(patch));
      }
    }
  }
}

}  // namespace mote::kernels
