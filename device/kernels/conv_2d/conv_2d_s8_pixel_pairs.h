// int8 convolution for cores without SIMD: four output pixels at a time are gathered into two words per tap, then all
// channels run over them. An instruction set adds the loop over channels.
#pragma once

#include <cstdint>

#include "device/isa/scalar.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels::pixel_pairs {

// What an instruction set's loop reads; assembly knows the offsets.
struct Tile {
  const std::uint32_t* panel;   // 0: [taps][2], the first two pixels and the last two
  const std::int8_t* weights;   // 4
  const std::int32_t* records;  // 8: see device/kernels/pixel_pairs.h
  std::int8_t* y;               // 12: first pixel, first channel
  std::int32_t y_step;          // 16: from pixel to pixel
  std::int32_t channels;        // 20
  std::int32_t next_block;      // 24: from past the eighth channel's first weight to the ninth's
  std::int32_t clamp_min;       // 28
  std::int32_t clamp_max;       // 32
};

// Where an output pixel's window begins.
struct Window {
  const std::int8_t* image;
  std::int32_t top, left;
};

// Word pairs from four rows of `count` bytes.
inline std::uint32_t* widen(const std::int8_t* const (&from)[4], std::int32_t count, std::uint32_t* to) {
  const std::int8_t* a = from[0];
  const std::int8_t* b = from[1];
  const std::int8_t* c = from[2];
  const std::int8_t* d = from[3];
  for (std::uint32_t* const end = to + 2 * count; to != end; to += 2) {
    to[0] = static_cast<std::uint32_t>(*a++) + (static_cast<std::uint32_t>(*b++) << 16);
    to[1] = static_cast<std::uint32_t>(*c++) + (static_cast<std::uint32_t>(*d++) << 16);
  }
  return to;
}

inline void gather(const Conv2dParams& p, const Window (&windows)[4], const std::int8_t* zeros, std::uint32_t* panel) {
  // Where the columns of all four windows are adjacent and inside, they are one run.
  bool inside = p.dilation_w == 1;
  for (const Window& w : windows) inside = inside && w.left >= 0 && w.left + p.kernel_w <= p.in_w;
  const std::int32_t runs = inside ? 1 : p.kernel_w;
  const std::int32_t run = inside ? p.kernel_w * p.in_c : p.in_c;
  for (std::int32_t i = 0; i < p.kernel_h; ++i) {
    for (std::int32_t j = 0; j < runs; ++j) {
      const std::int8_t* from[4];
      for (int k = 0; k < 4; ++k) {
        const std::int32_t h = windows[k].top + i * p.dilation_h;
        const std::int32_t w = windows[k].left + j * p.dilation_w;
        const bool is_there = h >= 0 && h < p.in_h && w >= 0 && w < p.in_w;
        from[k] = is_there ? windows[k].image + (h * p.in_w + w) * p.in_c : zeros;
      }
      panel = widen(from, run, panel);
    }
  }
}

// The windows of the output's pixels, one after the other.
struct Cursor {
  Window window;
  std::int32_t column, row;

  static Cursor at(const Conv2dParams& p, const std::int8_t* x, std::int32_t pixel) {
    const std::int32_t column = pixel % p.out_w;
    const std::int32_t row = pixel / p.out_w % p.out_h;
    const std::int8_t* const image = x + pixel / p.out_w / p.out_h * (p.in_h * p.in_w * p.in_c);
    return {{image, row * p.stride_h - p.pad_top, column * p.stride_w - p.pad_left}, column, row};
  }
  void advance(const Conv2dParams& p) {
    window.left += p.stride_w;
    if (++column < p.out_w) return;
    column = 0;
    window.left = -p.pad_left;
    window.top += p.stride_h;
    if (++row < p.out_h) return;
    row = 0;
    window.top = -p.pad_top;
    window.image += p.in_h * p.in_w * p.in_c;
  }
};

// `multiply` makes all channels of a tile.
template <class Multiply>
void conv_2d_s8(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                std::int8_t* y, const Multiply& multiply) {
  const std::int32_t taps = p.kernel_h * p.kernel_w * p.in_c;
  const std::int32_t total = p.batches * p.out_h * p.out_w;
  std::int32_t group = 4;
  auto* const panel = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  auto* const zeros = static_cast<std::int8_t*>(static_cast<void*>(scratch + 8 * taps));
  isa::fill_bytes(zeros, -p.in_offset, p.kernel_w * p.in_c);

  Tile tile{};
  tile.panel = panel;
  tile.weights = static_cast<const std::int8_t*>(static_cast<const void*>(packed));
  tile.records = packed + pixel_pairs_weight_words(p.out_c, taps);
  tile.y_step = p.out_c;
  tile.channels = p.out_c;
  tile.next_block = 8 * (taps - 1);
  tile.clamp_min = p.clamp_min;
  tile.clamp_max = p.clamp_max;
  Cursor cursor = Cursor::at(p, x, 0);
  for (std::int32_t q = 0; q < total; q += group) {
    if (q + 4 > total) {  // of fewer than four pixels, each is computed four times over
      group = 1;
      tile.y_step = 0;
    }
    Window windows[4];
    for (std::int32_t k = 0; k < 4; ++k) {
      windows[k] = cursor.window;
      if (group == 4 || k == 3) cursor.advance(p);
    }
    gather(p, windows, zeros, panel);
    tile.y = y + q * p.out_c;
    multiply(tile);
  }
}

}  // namespace mote::kernels::pixel_pairs
