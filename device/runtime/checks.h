// What the parameters of a kernel must be, and how much memory they make it touch: one check per family. A call that
// passes stays within its arguments whatever the values in them are.
#pragma once

#include <cstdint>

#include "device/kernels/add/add.h"
#include "device/kernels/average_pool_2d/average_pool_2d.h"
#include "device/kernels/conv_2d/conv_2d.h"
#include "device/kernels/copy/copy.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"
#include "device/kernels/dequantize/dequantize.h"
#include "device/kernels/fill/fill.h"
#include "device/kernels/fully_connected/fully_connected.h"
#include "device/kernels/lookup/lookup.h"
#include "device/kernels/max_pool_2d/max_pool_2d.h"
#include "device/kernels/mean/mean.h"
#include "device/kernels/mul/mul.h"
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/softmax/softmax.h"
#include "device/runtime/kernel.h"

namespace mote::runtime::checks {

inline constexpr std::int32_t kMostExtent = 1 << 24;  // of one dimension

[[nodiscard]] constexpr bool is_shift(std::int32_t shift) { return is_within(shift, -31, 30); }

// Result and its clamp in int8, the operand's offset in what an int8 zero point leads to.
[[nodiscard]] constexpr bool is_s8(std::int32_t out_offset, std::int32_t clamp_min, std::int32_t clamp_max) {
  return is_within(out_offset, -128, 127) && clamp_min >= -128 && clamp_min <= clamp_max && clamp_max <= 127;
}
[[nodiscard]] constexpr bool is_s8_offset(std::int32_t in_offset) { return is_within(in_offset, -127, 128); }

// One axis of an operator over windows: the first window reaches into the input and the last one begins before its end,
// so that every window covers an element or the holes of a dilation.
[[nodiscard]] constexpr bool is_axis(std::int32_t in, std::int32_t out, std::int32_t kernel, std::int32_t stride,
                                     std::int32_t dilation, std::int32_t pad) {
  if (!is_within(in, 1, kMostExtent) || !is_within(out, 1, kMostExtent) || !is_within(kernel, 1, kMostExtent) ||
      !is_within(stride, 1, kMostExtent) || !is_within(dilation, 1, kMostExtent) || !is_within(pad, 0, kMostExtent)) {
    return false;
  }
  const std::int64_t span = static_cast<std::int64_t>(kernel - 1) * dilation + 1;
  return span <= kMostExtent && pad < span && static_cast<std::int64_t>(out - 1) * stride - pad < in;
}

template <class P>
[[nodiscard]] constexpr bool is_convolution(const P& p) {
  return is_within(p.batches, 1, kMostExtent) && is_within(p.in_c, 1, kMostExtent) &&
         is_within(p.out_c, 1, kMostExtent) &&
         is_axis(p.in_h, p.out_h, p.kernel_h, p.stride_h, p.dilation_h, p.pad_top) &&
         is_axis(p.in_w, p.out_w, p.kernel_w, p.stride_w, p.dilation_w, p.pad_left) && is_s8_offset(p.in_offset) &&
         is_s8(p.out_offset, p.clamp_min, p.clamp_max);
}

// Input and output of a convolution, and its multiplications.
template <class P>
[[nodiscard]] bool has_images(const P& p, Call& call, int y, std::int64_t per_output) {
  const std::int64_t outputs = product(p.batches, p.out_h, p.out_w, p.out_c);
  return call.has(0, product(p.batches, p.in_h, p.in_w, p.in_c)) && call.has(y, outputs) &&
         call.does(outputs * per_output);
}

inline bool conv_2d(const Conv2dParams& p, Call& call) {
  if (!is_convolution(p)) return false;
  const std::int64_t window = product(p.kernel_h, p.kernel_w, p.in_c);
  return has_images(p, call, 5, window) && call.has(1, product(window, p.out_c)) && call.has(2, p.out_c) &&
         call.has(3, p.out_c) && call.has_shifts(4, p.out_c);
}

inline bool conv_2d_fused_lanes(const Conv2dParams& p, Call& call) {
  if (!is_convolution(p)) return false;
  const std::int64_t window = product(p.kernel_h, p.kernel_w, p.in_c);
  if (window > kMostExtent) return false;
  const auto bytes = static_cast<std::int32_t>(window);  // <= 2^24
  const std::int64_t quad = kernels::fused_lanes_quad_words(2 * kernels::fused_lanes_words(bytes));
  return has_images(p, call, 3, window) && call.has(1, product(quad, (p.out_c + 3) / 4)) &&
         call.has_scratch(2, kernels::scratch_fused_lanes(p));
}

inline bool depthwise_conv_2d(const DepthwiseConv2dParams& p, Call& call) {
  const std::int64_t taps = product(p.kernel_h, p.kernel_w);
  return is_convolution(p) && is_within(p.depth_multiplier, 1, kMostExtent) &&
         product(p.in_c, p.depth_multiplier) == p.out_c && has_images(p, call, 5, taps) &&
         call.has(1, product(taps, p.out_c)) && call.has(2, p.out_c) && call.has(3, p.out_c) &&
         call.has_shifts(4, p.out_c);
}

inline bool is_column_pairs(const DepthwiseConv2dParams& p) {
  return is_convolution(p) && p.in_c == p.out_c && kernels::fits_column_pairs(p);
}

inline bool depthwise_conv_2d_column_pairs(const DepthwiseConv2dParams& p, Call& call) {
  return is_column_pairs(p) && has_images(p, call, 3, 9) && call.has(1, product(p.in_c, 6)) &&
         call.has_scratch(2, kernels::scratch_column_pairs(p));
}

inline bool depthwise_conv_2d_column_pairs_slice(const DepthwiseConv2dParams& p, Call& call) {
  return is_column_pairs(p) && has_images(p, call, 3, 9) && call.has(1, product(p.in_c, 6)) &&
         call.has_scratch(2, kernels::scratch_column_pairs_slice(p));
}

// Rows of a fully connected layer, its input at 0 and its output at y.
inline bool has_rows(const FullyConnectedParams& p, Call& call, int y) {
  return is_within(p.rows, 1, kMostExtent) && is_within(p.depth, 1, kMostExtent) &&
         is_within(p.units, 1, kMostExtent) && is_within(p.scale_step, 0, 1) && is_s8_offset(p.in_offset) &&
         is_s8(p.out_offset, p.clamp_min, p.clamp_max) && call.has(0, product(p.rows, p.depth)) &&
         call.has(y, product(p.rows, p.units)) && call.does(product(p.rows, p.units) * p.depth);
}

inline bool fully_connected(const FullyConnectedParams& p, Call& call) {
  if (!has_rows(p, call, 5)) return false;
  const std::int32_t scales = p.scale_step == 1 ? p.units : 1;
  return call.has(1, product(p.units, p.depth)) && call.has(2, p.units) && call.has(3, scales) &&
         call.has_shifts(4, scales);
}

inline bool has_blocks(const FullyConnectedParams& p, Call& call) {
  if (!has_rows(p, call, 3)) return false;
  const std::int64_t block = kernels::fused_lanes_by_8_block_words(kernels::fused_lanes_by_8_steps(p.depth));
  return call.has(1, product(block, (p.units + 7) / 8));
}

inline bool fully_connected_fused_lanes(const FullyConnectedParams& p, Call& call) {
  return has_blocks(p, call) && call.has_scratch(2, kernels::scratch_fused_lanes(p));
}

inline bool fully_connected_fused_lanes_direct(const FullyConnectedParams& p, Call& call) {
  return has_blocks(p, call) && kernels::fits_whole_blocks(p);
}

inline bool pool_2d(const Pool2dParams& p, Call& call) {
  constexpr std::int32_t kMostTaps = 1 << 23;  // as average_pool_2d's sums ask for
  if (!is_within(p.batches, 1, kMostExtent) || !is_within(p.channels, 1, kMostExtent) ||
      !is_axis(p.in_h, p.out_h, p.kernel_h, p.stride_h, 1, p.pad_top) ||
      !is_axis(p.in_w, p.out_w, p.kernel_w, p.stride_w, 1, p.pad_left) || !is_s8(0, p.clamp_min, p.clamp_max)) {
    return false;
  }
  const std::int64_t taps = product(p.kernel_h, p.kernel_w);
  const std::int64_t outputs = product(p.batches, p.out_h, p.out_w, p.channels);
  return taps <= kMostTaps && call.has(0, product(p.batches, p.in_h, p.in_w, p.channels)) && call.has(1, outputs) &&
         call.does(outputs * taps);
}

// Bounds as softmax_s8_portable states them; the largest element must count, so that no sum is 0.
inline bool softmax_s8(const SoftmaxParams& p, Call& call) {
  constexpr std::int32_t kMostDepth = (1 << 12) - 1;
  const std::int64_t elements = product(p.rows < 0 ? 0 : p.rows, p.depth < 0 ? 0 : p.depth);
  return is_within(p.rows, 1, kMostExtent) && is_within(p.depth, 1, kMostDepth) && is_within(p.shift, 0, 30) &&
         p.multiplier >= 0 && p.diff_min <= 0 && p.diff_min >= -(std::int64_t{1} << 31 >> p.shift) &&
         call.has(0, elements) && call.has(1, elements) && call.does(64 * elements);
}

// Two operands at 0 and 1 and the result at 2: strides are 0 or forwards, and `count` is all of the extents.
template <class P>
[[nodiscard]] bool is_walk(const P& p, Call& call) {
  std::int64_t count = 1;
  std::int64_t last_a = 0;
  std::int64_t last_b = 0;
  for (int d = 0; d < kBroadcastRank; ++d) {
    if (!is_within(p.extent[d], 1, kMostExtent) || p.a_stride[d] < 0 || p.b_stride[d] < 0) return false;
    count = product(count, p.extent[d]);
    last_a += product(p.extent[d] - 1, p.a_stride[d]);
    last_b += product(p.extent[d] - 1, p.b_stride[d]);
  }
  // Sums of five saturated counts; beyond 2^31 they are refused as they are.
  return count == p.count && last_a < kTooMany && last_b < kTooMany && call.has(0, last_a + 1) &&
         call.has(1, last_b + 1) && call.has(2, count) && call.does(8 * count);
}

inline bool is_scaled(const ScaledBinaryParams& p) {
  return is_s8_offset(p.a_offset) && is_s8_offset(p.b_offset) && is_within(p.left_shift, 0, 20) &&
         is_shift(p.a_shift) && is_shift(p.b_shift) && is_shift(p.out_shift) &&
         is_s8(p.out_offset, p.clamp_min, p.clamp_max);
}

inline bool scaled_binary(const ScaledBinaryParams& p, Call& call) { return is_scaled(p) && is_walk(p, call); }

inline bool scaled_binary_one_to_one(const ScaledBinaryParams& p, Call& call) {
  return is_scaled(p) && is_walk(p, call) && kernels::fits_one_to_one(p) && call.has(0, p.count) &&
         call.has(1, p.count);
}

inline bool product_s8(const ProductParams& p, Call& call) {
  return is_s8_offset(p.a_offset) && is_s8_offset(p.b_offset) && is_shift(p.out_shift) &&
         is_s8(p.out_offset, p.clamp_min, p.clamp_max) && is_walk(p, call);
}

// The least and the most index that a copy touches on one side; false beyond all memory.
struct Reach {
  std::int64_t least, most;
  [[nodiscard]] constexpr bool add(std::int32_t extent, std::int32_t stride) {
    const std::int64_t distance = static_cast<std::int64_t>(extent - 1) * stride;  // |.| < 2^55
    (distance < 0 ? least : most) += distance;
    return least > -kTooMany && most < kTooMany;
  }
};

template <std::uint32_t kElementBytes>
inline bool copy(const CopyParams& p, Call& call) {
  Reach x{p.in_begin, p.in_begin};
  Reach y{p.out_begin, p.out_begin};
  std::int64_t count = 1;
  for (int d = 0; d < kCopyRank; ++d) {
    if (!is_within(p.extent[d], 1, kMostExtent)) return false;
    if (!x.add(p.extent[d], p.in_stride[d]) || !y.add(p.extent[d], p.out_stride[d])) return false;
    count = product(count, p.extent[d]);
  }
  return x.least >= 0 && y.least >= 0 && call.has(0, x.most + 1, kElementBytes) &&
         call.has(1, y.most + 1, kElementBytes) && call.does(4 * count);
}

template <std::uint32_t kElementBytes>
inline bool fill(const FillParams& p, Call& call) {
  return p.count >= 0 && call.has(0, p.count, kElementBytes) && call.does(p.count);
}

inline bool lookup(const ElementwiseParams& p, Call& call) {
  return p.count >= 0 && call.has(0, p.count) && call.has(1, 256) && call.has(2, p.count) && call.does(p.count);
}

inline bool mean_s8(const MeanParams& p, Call& call) {
  std::int64_t last = 0;
  std::int64_t outputs = 1;
  std::int64_t summed = 1;
  for (int d = 0; d < kMeanAxes; ++d) {
    if (!is_within(p.keep_extent[d], 1, kMostExtent) || !is_within(p.sum_extent[d], 1, kMostExtent) ||
        p.keep_stride[d] < 0 || p.sum_stride[d] < 0) {
      return false;
    }
    last += product(p.keep_extent[d] - 1, p.keep_stride[d]) + product(p.sum_extent[d] - 1, p.sum_stride[d]);
    outputs = product(outputs, p.keep_extent[d]);
    summed = product(summed, p.sum_extent[d]);
  }
  return is_shift(p.shift) && is_s8(p.out_offset, -128, 127) && last < kTooMany && call.has(0, last + 1) &&
         call.has(1, outputs) && call.does(outputs * summed);
}

inline bool quantize_f32_s8(const QuantizeParams& p, Call& call) {
  return p.count >= 0 && is_within(p.zero_point, -128, 127) && p.scale > 0 && call.has(0, p.count) &&
         call.has(1, p.count) && call.does(p.count);
}

inline bool dequantize_s8(const DequantizeParams& p, Call& call) {
  return p.count >= 0 && is_within(p.zero_point, -128, 127) && call.has(0, p.count) && call.has(1, p.count) &&
         call.does(p.count);
}

}  // namespace mote::runtime::checks
