// int8 convolution for Armv7E-M with half the scratch: as conv_2d_s8_armv7em, but two output pixels at a time.
#include "device/isa/armv7em.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {
namespace {

// One window as lanes, every other word of the panel: see device/kernels/fused_lanes.h for their order.
void widen(const std::int8_t* window, std::int32_t row_step, std::int32_t rows, std::int32_t row_bytes,
           std::uint32_t* to) {
  const std::int32_t whole = row_bytes / 4 * 4;
  const std::int8_t* row = window;
  for (std::int32_t r = 0; r < rows; ++r, row += row_step) {
    for (const std::int8_t *at = row, *const end = row + whole; at != end; at += 4, to += 4) {
      const std::uint32_t word = isa::load_word(at);
      to[0] = isa::widen_even(word);
      to[2] = isa::widen_odd(word);
    }
  }
  std::uint32_t first = 0;
  bool has_first = false;
  row = window;
  for (std::int32_t r = 0; r < rows; ++r, row += row_step) {
    for (std::int32_t b = whole; b < row_bytes; ++b) {
      const auto lane = static_cast<std::uint32_t>(row[b]);
      if (has_first) {
        *to = first | lane << 16;
        to += 2;
      } else {
        first = lane & 0xFFFF;
      }
      has_first = !has_first;
    }
  }
  if (has_first) *to = first;
}

// The window of an output pixel with the zero point where it reaches beyond the input.
void gather(const Conv2dParams& p, const std::int8_t* image, std::int32_t top, std::int32_t left, std::int8_t* to) {
  for (std::int32_t i = 0; i < p.kernel_h; ++i) {
    const std::int32_t h = top + i * p.dilation_h;
    for (std::int32_t j = 0; j < p.kernel_w; ++j, to += p.in_c) {
      const std::int32_t w = left + j * p.dilation_w;
      if (h >= 0 && h < p.in_h && w >= 0 && w < p.in_w) {
        isa::copy_bytes(to, image + (h * p.in_w + w) * p.in_c, p.in_c);
      } else {
        isa::fill_bytes(to, -p.in_offset, p.in_c);
      }
    }
  }
}

// a.low * b.low + a.high * b.high + c.
[[gnu::always_inline]] inline std::int32_t add_products(std::uint32_t a, std::uint32_t b, std::int32_t c) {
  std::int32_t sum = 0;
  asm("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
  return sum;
}

// Two channels of two pixels from one pair's packed weights.
void multiply(const std::int32_t* packed, const std::uint32_t* panel, std::int32_t steps, std::int32_t out_offset,
              std::int8_t* first, std::int8_t* second) {
  std::int32_t both0 = packed[0];  // A + 256 * B, modulo 2^32
  std::int32_t both1 = both0;
  std::int32_t a0 = packed[1];
  std::int32_t a1 = a0;
  packed += 2;
#pragma GCC unroll 4
  for (std::int32_t s = 0; s < steps; ++s, panel += 2) {
    const auto weights = static_cast<std::uint32_t>(*packed++);
    const std::uint32_t low = isa::widen_even(weights);
    both0 = add_products(weights, panel[0], both0);
    both1 = add_products(weights, panel[1], both1);
    a0 = add_products(low, panel[0], a0);
    a1 = add_products(low, panel[1], a1);
  }
  const isa::Requantize a{packed[0], packed[2]};
  const isa::Requantize b{packed[1], packed[3]};
  const auto difference = [](std::int32_t x, std::int32_t y) {  // modulo 2^32
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(x) - static_cast<std::uint32_t>(y)) >> 8;
  };
  const std::int32_t b0 = difference(both0, a0);
  const std::int32_t b1 = difference(both1, a1);
  first[0] = static_cast<std::int8_t>(isa::saturate_s8(a(a0, out_offset)));
  first[1] = static_cast<std::int8_t>(isa::saturate_s8(b(b0, out_offset)));
  second[0] = static_cast<std::int8_t>(isa::saturate_s8(a(a1, out_offset)));
  second[1] = static_cast<std::int8_t>(isa::saturate_s8(b(b1, out_offset)));
}

}  // namespace

void conv_2d_s8_two_pixels_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                   std::uint8_t* scratch, std::int8_t* y) {
  const std::int32_t row_bytes = p.kernel_w * p.in_c;
  const std::int32_t steps = fused_lanes_steps(p.kernel_h, row_bytes);
  auto* const panel = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  auto* const patch = static_cast<std::int8_t*>(static_cast<void*>(scratch + steps * 8));
  const std::int32_t pair_words = fused_lanes_pair_words(steps);
  const std::int32_t pixels = p.out_h * p.out_w;
  const std::int32_t total = p.batches * pixels;
  for (std::int32_t q = 0; q < total; q += 2) {
    const std::int32_t group = q + 1 < total ? 2 : 1;  // a pixel alone is computed twice
    for (std::int32_t i = 0; i < 2; ++i) {
      const std::int32_t at = q + (i < group ? i : 0);
      const std::int8_t* image = x + at / pixels * (p.in_h * p.in_w * p.in_c);
      const std::int32_t top = at % pixels / p.out_w * p.stride_h - p.pad_top;
      const std::int32_t left = at % p.out_w * p.stride_w - p.pad_left;
      const bool inside = p.dilation_w == 1 && top >= 0 && left >= 0 && left + p.kernel_w <= p.in_w &&
                          top + (p.kernel_h - 1) * p.dilation_h < p.in_h;
      if (inside) {
        widen(image + (top * p.in_w + left) * p.in_c, p.dilation_h * p.in_w * p.in_c, p.kernel_h, row_bytes, panel + i);
      } else {
        gather(p, image, top, left, patch);
        widen(patch, row_bytes, p.kernel_h, row_bytes, panel + i);
      }
    }
    std::int8_t* const first = y + q * p.out_c;
    std::int8_t* const second = first + (group - 1) * p.out_c;
    const std::int32_t* weights = packed;
    for (std::int32_t c = 0; c + 2 <= p.out_c; c += 2, weights += pair_words) {
      multiply(weights, panel, steps, p.out_offset, first + c, second + c);
    }
    if (p.out_c % 2 != 0) {  // the last pair takes in a channel that is already done
      multiply(weights, panel, steps, p.out_offset, first + p.out_c - 2, second + p.out_c - 2);
    }
  }
  isa::narrow_clamp(y, total * p.out_c, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
