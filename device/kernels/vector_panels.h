// The packing `vector_panels`: how the convolution for MVE cuts its work, and how it wants weights.
#pragma once

#include <cstdint>

#include "contract/ops/conv_2d_params.h"

namespace mote::kernels {

// Six vectors of 16 input bytes are held in registers while the weights of all output channels pass by: one vector
// (`held` = 1) of each of six pixels, two of three, or three of two. A window is taken in steps of 16 bytes: each of
// its rows by itself, or, `flat`, all its bytes in one run; what is beyond meets weights of zero.
struct VectorPanels {
  std::int32_t pixels;
  std::int32_t held;
  std::int32_t steps;      // of a window, rounded up to a multiple of `held`
  std::int32_t row_steps;  // of a row, or where flat, of the window
  bool flat;
};

// Packed, as int32 words and bytes:
//   pixels, steps, row_steps, flat
//   per block of up to 64 output channels:
//     per `held` steps, per channel (an odd last one is followed by one of zeros): held * 16 weights
//     per four channels (padded with zeros): bias[4] with the input's zero point folded in, multiplier[4], shift[4]
// Bounds  shift in [-31, -1]; multiplier 0 comes with shift -1
inline constexpr std::int32_t kVectorPanelHeader = 4;
inline constexpr std::int32_t kVectorPanelBlock = 64;

namespace vector_panels_detail {

[[nodiscard]] constexpr std::int64_t vectors(std::int64_t bytes) { return (bytes + 15) / 16; }

// About what a run takes, a word beyond the first of a multiple load or store counted as half an instruction.
[[nodiscard]] constexpr std::int64_t cost(const Conv2dParams& p, std::int64_t pixels, std::int64_t steps, bool flat) {
  const bool pointwise = p.kernel_h == 1 && p.kernel_w == 1 && p.stride_h == 1 && p.stride_w == 1;
  const std::int64_t lines = pointwise ? 1 : static_cast<std::int64_t>(p.batches) * p.out_h;
  const std::int64_t line = pointwise ? static_cast<std::int64_t>(p.batches) * p.out_h * p.out_w : p.out_w;
  const std::int64_t held = 6 / pixels;
  const std::int64_t turns = (steps + held - 1) / held;
  const std::int64_t sums = pixels == 6 ? 4 * 4 : 2 * (1 + pixels);  // loads and stores of a pair of channels
  const std::int64_t turn = 20 + (p.out_c + 1) / 2 * (13 + 2 * held + sums);
  const std::int64_t finish = (p.out_c + 3) / 4 * (4 + 8 * pixels);
  const std::int64_t row = static_cast<std::int64_t>(p.kernel_w) * p.in_c;
  const std::int64_t copy = p.dilation_w != 1 ? p.kernel_w * (10 + 3 * vectors(p.in_c)) : 7 + 5 * (vectors(row) - 1);
  const std::int64_t copies = flat ? pixels * (20 + p.kernel_h * copy) : 0;
  const std::int64_t groups = line < pixels ? line : (line + pixels - 1) / pixels;
  return lines * groups * (turns * turn + finish + copies + 60);
}

}  // namespace vector_panels_detail

[[nodiscard]] constexpr VectorPanels vector_panels(const Conv2dParams& p) {
  const std::int64_t row = static_cast<std::int64_t>(p.kernel_w) * p.in_c;
  VectorPanels best{};
  std::int64_t best_cost = -1;
  constexpr std::int32_t kPixels[] = {3, 2, 6};
  for (std::int32_t kind = 0; kind < 2; ++kind) {
    const bool flat = kind == 1;
    if (!flat && p.dilation_w != 1) continue;
    const std::int64_t row_steps = vector_panels_detail::vectors(flat ? p.kernel_h * row : row);
    const std::int64_t steps = flat ? row_steps : p.kernel_h * row_steps;
    for (const std::int32_t pixels : kPixels) {
      const std::int64_t cost = vector_panels_detail::cost(p, pixels, steps, flat);
      if (best_cost >= 0 && cost >= best_cost) continue;
      const std::int32_t held = 6 / pixels;
      best_cost = cost;
      // At most 2^31 weights.
      best = {pixels, held, static_cast<std::int32_t>((steps + held - 1) / held * held),
              static_cast<std::int32_t>(row_steps), flat};
    }
  }
  return best;
}

// Whether some window reaches beyond the input.
[[nodiscard]] constexpr bool reaches_outside(const Conv2dParams& p) {
  return p.pad_top > 0 || p.pad_left > 0 || (p.out_h - 1) * p.stride_h + (p.kernel_h - 1) * p.dilation_h >= p.in_h ||
         (p.out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w >= p.in_w;
}

// Rows and columns of the input that lie between a window's first and last or a line's, padding included.
[[nodiscard]] constexpr std::int32_t padded_rows(const Conv2dParams& p) { return (p.kernel_h - 1) * p.dilation_h + 1; }
[[nodiscard]] constexpr std::int32_t padded_columns(const Conv2dParams& p) {
  return (p.out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
}

// Where things lie in the scratch, in bytes; the sums of a block of channels come first.
struct VectorPanelScratch {
  std::int64_t table;    // addresses of the steps of the first window in a line
  std::int64_t rows;     // addresses of its rows
  std::int64_t windows;  // copies, where windows are no whole number of vectors
  std::int64_t ring;     // the rows of one window with their padding, where windows reach outside
  std::int64_t bytes;
};

[[nodiscard]] constexpr VectorPanelScratch vector_panel_scratch(const Conv2dParams& p, const VectorPanels& panels) {
  const std::int64_t channels = p.out_c < kVectorPanelBlock ? (p.out_c + 1) / 2 * 2 : kVectorPanelBlock;
  const bool outside = reaches_outside(p);
  const std::int64_t window = static_cast<std::int64_t>(panels.flat ? 1 : p.kernel_h) * panels.row_steps * 16;
  VectorPanelScratch s{};
  s.table = (channels * panels.pixels * 4 + 15) / 16 * 16;
  s.rows = s.table + static_cast<std::int64_t>(panels.steps) * 4;
  s.windows = (s.rows + static_cast<std::int64_t>(p.kernel_h) * 4 + 15) / 16 * 16;
  // What lies outside is only in the ring, from which whole vectors may be read.
  const bool copies = panels.flat || (!outside && p.kernel_w * p.in_c % 16 != 0);
  s.ring = s.windows + (copies ? window * panels.pixels : 0);
  s.bytes = s.ring;
  if (outside) s.bytes += static_cast<std::int64_t>(padded_rows(p)) * padded_columns(p) * p.in_c + 16;
  return s;
}

}  // namespace mote::kernels
