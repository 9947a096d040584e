// 2-D convolution.
#pragma once

#include <cstdint>

#include "contract/ops/conv_2d_params.h"
#include "device/kernels/fused_lanes.h"
#include "device/kernels/kernel_row.h"
#include "device/kernels/pixel_pairs.h"
#include "device/kernels/vector_panels.h"

namespace mote::kernels {

// int8, per-channel weight scale.
//   acc        = b[o] + sum_ijc (x[n, h*s+i*d-p, w*s+j*d-p, c] + in_offset) * k[o,i,j,c]     padding contributes 0
//   y[n,h,w,o] = clamp(out_offset + requantize_double_rounding(acc, multiplier[o], shift[o]))
// Shapes  x [N,H,W,C] s8 . k [O,KH,KW,C] s8 . b,multiplier [O] s32 . shift [O] s8 . y [N,OH,OW,O] s8
// Bounds  255 * sum|k[o]| + |b[o]| < 2^31  =>  |acc| < 2^31
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments
// Source  arXiv:1712.05877; TFLite 8-bit quantisation specification
void conv_2d_s8_portable(const Conv2dParams& p, const std::int8_t* x, const std::int8_t* k, const std::int32_t* b,
                         const std::int32_t* multiplier, const std::int8_t* shift, std::int8_t* y);

// int16 activations, int8 weights; acc as above, in 64 bits.
//   y[n,h,w,o] = clamp(out_offset + requantize_s64_single_rounding(acc, multiplier[o], shift[o]))
// Shapes  x [N,H,W,C] s16 . k [O,KH,KW,C] s8 . b [O] s64 . multiplier [O] s32 . shift [O] s8 . y [N,OH,OW,O] s16
// Bounds  2^15 * sum|k[o]| + |b[o]| < 2^47  =>  |acc| < 2^47; shift <= 7
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments
// Source  TFLite's 16x8 quantisation: zero points are 0
void conv_2d_s16_portable(const Conv2dParams& p, const std::int16_t* x, const std::int8_t* k, const std::int64_t* b,
                          const std::int32_t* multiplier, const std::int8_t* shift, std::int16_t* y);

// The same with an int32 bias, which the reference accumulates in 32 bits and rounds twice.
//   y[n,h,w,o] = clamp(out_offset + requantize_double_rounding(acc, multiplier[o], shift[o]))
// Shapes  as above, but b [O] s32
// Bounds  2^15 * sum|k[o]| + |b[o]| < 2^31  =>  |acc| < 2^31
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void conv_2d_s16_bias32_portable(const Conv2dParams& p, const std::int16_t* x, const std::int8_t* k,
                                 const std::int32_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                 std::int16_t* y);

// float32. Sums in the order i, j, c, starting from 0, the bias last; no fused multiply-add.
//   y[n,h,w,o] = clamp(b[o] + sum_ijc x[...] * k[o,i,j,c])
// Shapes  as above, all f32
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void conv_2d_f32_portable(const Conv2dF32Params& p, const float* x, const float* k, const float* b, float* y);

// The same as conv_2d_s8_portable for Armv7E-M, from packed weights.
// Shapes  x, y as above . packed: device/kernels/fused_lanes.h
// Memory  scratch: the widened windows of some pixels, and where windows are gathered, two as bytes; y may overlap x as
//         order_fused_lanes tells
void conv_2d_s8_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y);

// Whether some window reaches beyond the input or skips columns, so that it has to be gathered.
[[nodiscard]] constexpr bool gathers_windows(const Conv2dParams& p) {
  return p.dilation_w != 1 || p.pad_top > 0 || p.pad_left > 0 ||
         (p.out_h - 1) * p.stride_h + (p.kernel_h - 1) * p.dilation_h >= p.in_h ||
         (p.out_w - 1) * p.stride_w + p.kernel_w > p.in_w;
}

// Whether an output pixel is made of the input pixel in its place, in whole words.
[[nodiscard]] constexpr bool reads_pixels(const Conv2dParams& p) {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.stride_h == 1 && p.stride_w == 1 && p.in_c % 4 == 0 &&
         p.out_h == p.in_h && p.out_w == p.in_w;
}

// Small windows are widened for more than two pixels at a time, up to kFusedLanesTwos times two.
inline constexpr std::int32_t kFusedLanesTwos = 8;
[[nodiscard]] constexpr std::int32_t panel_twos(const Conv2dParams& p) {
  constexpr std::int32_t kPanelBytes = 256;
  const std::int32_t bytes = 16 * fused_lanes_words(p.kernel_h * p.kernel_w * p.in_c);
  const std::int32_t twos = kPanelBytes / bytes;
  return twos < 1 ? 1 : (twos > kFusedLanesTwos ? kFusedLanesTwos : twos);
}

// Bytes that may be written beyond a gathered window.
inline constexpr std::int32_t kFusedLanesOverrun = 4;

[[nodiscard]] constexpr std::int64_t scratch_fused_lanes(const Conv2dParams& p) {
  const std::int64_t words = fused_lanes_words(p.kernel_h * p.kernel_w * p.in_c);
  const bool copies = gathers_windows(p) || p.kernel_w * p.in_c % 4 != 0;
  return 16 * words * panel_twos(p) + (copies ? 2 * (4 * words + kFusedLanesOverrun) : 0);
}

// Windows are widened before their pixels are written.
[[nodiscard]] constexpr WalkOrder order_fused_lanes(const Conv2dParams& p) {
  return {std::int64_t{2} * panel_twos(p), true, false, 0};
}

// Four windows are widened before their pixels are written.
[[nodiscard]] constexpr WalkOrder four_pixels(const Conv2dParams& /*p*/) { return {4, true, false, 0}; }

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_fused_lanes(const Conv2dParams& /*p*/) { return 100; }

// The same as conv_2d_s8_portable for 3x3 kernels with stride 1 on Armv7E-M, by Winograd's F(2x2,3x3) in integers.
//   4 * acc = A^T ((G k G^T) * (B^T x B)) A, summed over channels before A   with
//   G = (2 0 0, 1 1 1, 1 -1 1, 0 0 2)  B^T = (1 0 -1 0, 0 1 1 0, 0 -1 1 0, 0 1 0 -1)  A^T = (1 1 1 0, 0 1 -1 -1)
// Shapes  x, y as above . packed: per pair of channels, as int32: of each of the 16 elements of G k G^T, row by row, of
//         each two input channels (of four the first with the third, the second with the fourth), in int16 of the one
//         channel, then of the other; 4 * bias with the input's zero point folded in, multiplier and power of
//         device/kernels/fused_lanes.h of each
// Bounds  |G k G^T| <= 9 * 127, |B^T x B| <= 4 * 128 and 4 * acc < 2^31 for every input: the packer refuses
//         what is beyond
// Memory  scratch: what a strip of two rows of outputs reads, transformed; four tiles' sums; y may overlap x as
//         order_winograd tells
// Source  arXiv:1509.09308
void conv_2d_s8_winograd_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                 std::uint8_t* scratch, std::int8_t* y);

[[nodiscard]] constexpr bool fits_winograd(const Conv2dParams& p) {
  return p.kernel_h == 3 && p.kernel_w == 3 && p.stride_h == 1 && p.stride_w == 1 && p.dilation_h == 1 &&
         p.dilation_w == 1 && p.pad_left <= 1 && p.in_c % 16 == 0 && p.out_c % 2 == 0 && p.out_w % 2 == 0;
}

// What is transformed at a time: of two rows of outputs, so few groups of four tiles that scratch stays small; from
// strip to strip two columns are transformed again.
struct WinogradStrip {
  std::int32_t groups;
  std::int32_t columns;  // of the input, padding included
  bool is_whole;         // two rows are one strip
};
[[nodiscard]] constexpr WinogradStrip winograd_strip(const Conv2dParams& p) {
  const std::int32_t all = (p.out_w + 7) / 8;
  const std::int32_t most = p.in_c < 32 ? 2 : 1;
  const std::int32_t groups = all < most ? all : most;
  return {groups, 8 * groups + 2, groups == all};
}

// int32 words of two channels.
[[nodiscard]] constexpr std::int32_t winograd_pair_words(std::int32_t in_c) { return 16 * in_c + 6; }

[[nodiscard]] constexpr std::int64_t scratch_winograd(const Conv2dParams& p) {
  const WinogradStrip s = winograd_strip(p);
  return std::int64_t{128} * p.in_c * s.groups + std::int64_t{32} * s.columns + 512;
}

// All that a strip reads is transformed before its outputs are written.
[[nodiscard]] constexpr WalkOrder order_winograd(const Conv2dParams& p) {
  return {std::int64_t{2} * p.out_w, winograd_strip(p).is_whole, false, 0};
}

// Of 1000 for plain loops, about what remains. A single row costs as much as two; that is still less than
// cost_fused_lanes, as all rows of a fused run are for one kernel, and the last one may be single.
[[nodiscard]] constexpr std::int64_t cost_winograd(const Conv2dParams& p) {
  return p.out_h == 1 ? 99 : std::int64_t{55} * (p.out_h + p.out_h % 2) / p.out_h;
}

// The same for cores without SIMD.
// Shapes  x, y as above . packed: device/kernels/pixel_pairs.h, each kernel with its own constants
// Memory  scratch: four windows in words of two pixels, and one row of a window; y may overlap x as four_pixels tells
void conv_2d_s8_armv6m(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                       std::int8_t* y);
void conv_2d_s8_rv32imc(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y);

[[nodiscard]] constexpr std::int64_t scratch_pixel_pairs(const Conv2dParams& p) {
  const std::int64_t row_bytes = static_cast<std::int64_t>(p.kernel_w) * p.in_c;
  return 8 * p.kernel_h * row_bytes + row_bytes;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_pixel_pairs(const Conv2dParams& /*p*/) { return 200; }

// The same as conv_2d_s8_portable for MVE, from packed weights.
// Shapes  x, y as above . packed: device/kernels/vector_panels.h
// Memory  scratch: sums of a block of channels, addresses of a window's steps, and where windows reach outside, the
//         rows of one window with their padding; where a window is no whole number of vectors, some windows;
//         y must not overlap x
void conv_2d_s8_mve(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                    std::int8_t* y);

[[nodiscard]] constexpr std::int64_t scratch_vector_panels(const Conv2dParams& p) {
  return vector_panel_scratch(p, vector_panels(p)).bytes;
}

[[nodiscard]] constexpr bool fits_vector_panels(const Conv2dParams& p) { return scratch_vector_panels(p) < 1 << 28; }

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_vector_panels(const Conv2dParams& /*p*/) { return 20; }

}  // namespace mote::kernels
