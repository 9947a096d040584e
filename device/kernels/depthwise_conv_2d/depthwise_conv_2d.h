// Depthwise 2-D convolution.
#pragma once

#include <cstdint>

#include "contract/ops/depthwise_conv_2d_params.h"
#include "device/kernels/kernel_row.h"

namespace mote::kernels {

// int8, per-channel weight scale; o = c*M + m.
//   acc        = b[o] + sum_ij (x[n, h*s+i*d-p, w*s+j*d-p, c] + in_offset) * k[i,j,o]     padding contributes 0
//   y[n,h,w,o] = clamp(out_offset + requantize_double_rounding(acc, multiplier[o], shift[o]))
// Shapes  x [N,H,W,C] s8 . k [KH,KW,C*M] s8 . b,multiplier [C*M] s32 . shift [C*M] s8 . y [N,OH,OW,C*M] s8
// Bounds  255 * sum|k[o]| + |b[o]| < 2^31  =>  |acc| < 2^31
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments
// Source  arXiv:1712.05877; TFLite 8-bit quantisation specification
void depthwise_conv_2d_s8_portable(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int8_t* k,
                                   const std::int32_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                   std::int8_t* y);

// int16 activations, int8 weights; acc as above, in 64 bits.
//   y[n,h,w,o] = clamp(out_offset + requantize_s64_single_rounding(acc, multiplier[o], shift[o]))
// Shapes  x [N,H,W,C] s16 . k [KH,KW,C*M] s8 . b [C*M] s64 . multiplier [C*M] s32 . shift [C*M] s8
//         y [N,OH,OW,C*M] s16
// Bounds  2^15 * sum|k[o]| + |b[o]| < 2^47  =>  |acc| < 2^47; shift <= 7
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
// Errors  none; the compiler proved the arguments
// Source  TFLite's 16x8 quantisation: zero points are 0
void depthwise_conv_2d_s16_portable(const DepthwiseConv2dParams& p, const std::int16_t* x, const std::int8_t* k,
                                    const std::int64_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                    std::int16_t* y);

// float32. Sums in the order i, j, starting from 0, the bias last; no fused multiply-add.
//   y[n,h,w,o] = clamp(b[o] + sum_ij x[...] * k[i,j,o])
// Shapes  as above, all f32
// Memory  scratch 0; y may overlap x as pixel_by_pixel tells
void depthwise_conv_2d_f32_portable(const DepthwiseConv2dF32Params& p, const float* x, const float* k, const float* b,
                                    float* y);

// The same as depthwise_conv_2d_s8_portable for 3x3 kernels on Armv7E-M, from packed weights.
// Shapes  x, y as above . packed [C][6] s32: per channel, of each kernel column the bytes k0,k1,k1,k2 downwards; the
//         multiplier as 2*m - 2^32; the power 2^(32-r) with r = -shift in [2, 31]; the bias with the input's zero point
//         folded in
// Memory  scratch: four rows of the input, padding included, in int16; y may overlap x as order_column_pairs tells
void depthwise_conv_2d_s8_3x3_armv7em(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                      std::uint8_t* scratch, std::int8_t* y);

// The same, kColumnPairsSlice channels at a time.
// Memory  scratch: four rows of that many channels; y may be x where it has its shape
void depthwise_conv_2d_s8_3x3_sliced_armv7em(const DepthwiseConv2dParams& p, const std::int8_t* x,
                                             const std::int32_t* packed, std::uint8_t* scratch, std::int8_t* y);

inline constexpr std::int32_t kColumnPairsSlice = 4;

[[nodiscard]] constexpr bool fits_column_pairs(const DepthwiseConv2dParams& p) {
  return p.kernel_h == 3 && p.kernel_w == 3 && p.stride_h == p.stride_w && p.stride_h <= 2 && p.dilation_h == 1 &&
         p.dilation_w == 1 && p.depth_multiplier == 1 && p.pad_top <= 2 && p.pad_left <= 2;
}

// Columns of the input that the outputs reach, padding included.
[[nodiscard]] constexpr std::int32_t column_pairs_columns(const DepthwiseConv2dParams& p) {
  return (p.out_w - 1) * p.stride_w + 3;
}

[[nodiscard]] constexpr std::int64_t scratch_column_pairs(const DepthwiseConv2dParams& p) {
  return 8 * static_cast<std::int64_t>(p.in_c) * column_pairs_columns(p);
}

[[nodiscard]] constexpr std::int64_t scratch_column_pairs_slice(const DepthwiseConv2dParams& p) {
  return 8 * static_cast<std::int64_t>(kColumnPairsSlice) * column_pairs_columns(p);
}

// Rows are widened before the outputs that need them are written, and stay so while they are needed.
[[nodiscard]] constexpr WalkOrder order_column_pairs(const DepthwiseConv2dParams& p) {
  return {static_cast<std::int64_t>(3 - p.stride_h) * p.out_w, true, true, 0};
}

[[nodiscard]] constexpr WalkOrder order_column_pairs_slice(const DepthwiseConv2dParams& p) {
  return {static_cast<std::int64_t>(3 - p.stride_h) * p.out_w, true, true, kColumnPairsSlice};
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_column_pairs(const DepthwiseConv2dParams& /*p*/) { return 100; }
[[nodiscard]] constexpr std::int64_t cost_column_pairs_slice(const DepthwiseConv2dParams& /*p*/) { return 115; }

// The same as depthwise_conv_2d_s8_portable for 3x3 kernels on MVE, from packed weights.
// Shapes  x, y as above . packed: [C] of the words 0 and, of each kernel column, the bytes k0,k1,k2,0 downwards; 0;
//         [C] of bias with the input's zero point folded in, multiplier, shift in [-31, -1]
// Memory  scratch: some rows of 16 channels with their padding, interleaved by four; addresses; y must not overlap x
void depthwise_conv_2d_s8_3x3_mve(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y);

// A strip is one row of tiles of 2x2 outputs, or with stride 2 of 4; those of a narrow layer are worked on together.
struct VectorTiles {
  std::int32_t columns;  // of a strip's input, padding included
  std::int32_t tiles;    // of a strip
  std::int32_t strips;
};

[[nodiscard]] constexpr VectorTiles vector_tiles(const DepthwiseConv2dParams& p) {
  const std::int32_t width = p.stride_w == 1 ? 2 : 4;
  const std::int32_t height = p.stride_w == 1 ? 2 : 1;
  const std::int32_t tiles = (p.out_w + width - 1) / width;
  const std::int32_t all = (p.out_h + height - 1) / height;
  const std::int32_t some = tiles > 12 ? 1 : 12 / tiles;
  return {p.out_w * p.stride_w + 2, tiles, some < all ? some : all};
}

[[nodiscard]] constexpr bool fits_vector_tiles(const DepthwiseConv2dParams& p) {
  return fits_column_pairs(p) && p.out_w >= (p.stride_w == 1 ? 2 : 4) && p.out_h >= (p.stride_w == 1 ? 2 : 1);
}

[[nodiscard]] constexpr std::int64_t scratch_vector_tiles(const DepthwiseConv2dParams& p) {
  const VectorTiles t = vector_tiles(p);
  return static_cast<std::int64_t>(t.strips) * (t.columns * std::int64_t{64} + t.tiles * std::int64_t{8});
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_vector_tiles(const DepthwiseConv2dParams& /*p*/) { return 20; }

// The same as depthwise_conv_2d_s8_portable for cores without SIMD, and for what the others of Armv7E-M do not fit,
// from packed weights. Shapes  x, y as above . packed: per channel, as int32, what acc starts from when inputs are
// taken as x + 128 and
//         padding as the input's zero point; multiplier, addend and right of device/kernels/pixel_pairs.h; the weights
//         as s8 [KH][KW], padded to whole words
// Memory  scratch: the rows of the input, padding included, that one row of the output takes; y must not overlap x
void depthwise_conv_2d_s8_armv6m(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                 std::uint8_t* scratch, std::int8_t* y);
void depthwise_conv_2d_s8_armv7em(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y);
void depthwise_conv_2d_s8_rv32imc(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y);

// Rows and columns of the padded input that an output row reaches.
[[nodiscard]] constexpr std::int32_t planes_span(const DepthwiseConv2dParams& p) {
  return (p.kernel_h - 1) * p.dilation_h + 1;
}
[[nodiscard]] constexpr std::int32_t planes_width(const DepthwiseConv2dParams& p) {
  return (p.out_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
}
[[nodiscard]] constexpr std::int32_t planes_record_words(std::int32_t taps) { return 4 + (taps + 3) / 4; }

[[nodiscard]] constexpr std::int64_t scratch_planes(const DepthwiseConv2dParams& p) {
  return static_cast<std::int64_t>(planes_span(p)) * planes_width(p) * p.in_c;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_planes(const DepthwiseConv2dParams& /*p*/) { return 200; }

// The same as depthwise_conv_2d_s8_portable for any kernel on MVE, M = 1, from packed weights.
// Shapes  x, y as above . packed: per four channels (padded with zeros) bias[4] with the input's zero point folded in;
//         per 16 taps (padded with zeros) 16 weights of each channel; multiplier[4]; shift[4] in [-31, -1]
// Memory  scratch: the taps of 16 channels, interleaved; their addresses; a pixel of zero point; y must not overlap x
void depthwise_conv_2d_s8_mve(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                              std::uint8_t* scratch, std::int8_t* y);

[[nodiscard]] constexpr std::int64_t scratch_channels_by_4(const DepthwiseConv2dParams& p) {
  const std::int64_t taps = static_cast<std::int64_t>(p.kernel_h) * p.kernel_w;
  return (taps + 15) / 16 * 256 + (taps + 3) / 4 * 16 + p.in_c;
}

[[nodiscard]] constexpr bool fits_channels_by_4(const DepthwiseConv2dParams& p) {
  return p.depth_multiplier == 1 && scratch_channels_by_4(p) < 1 << 28;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_channels_by_4(const DepthwiseConv2dParams& /*p*/) { return 50; }

}  // namespace mote::kernels
