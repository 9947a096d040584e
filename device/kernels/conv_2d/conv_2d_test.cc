// Convolution by hand: padding, rounding and clamps on numbers small enough to follow.
#include "device/kernels/conv_2d/conv_2d.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// A 1x3x3x1 input under a 2x2 kernel, stride 1, SAME: one row and column of padding after the input.
constexpr Conv2dParams kParams = {.batches = 1,
                                  .in_h = 3,
                                  .in_w = 3,
                                  .in_c = 1,
                                  .out_h = 3,
                                  .out_w = 3,
                                  .out_c = 1,
                                  .kernel_h = 2,
                                  .kernel_w = 2,
                                  .stride_h = 1,
                                  .stride_w = 1,
                                  .dilation_h = 1,
                                  .dilation_w = 1,
                                  .pad_top = 0,
                                  .pad_left = 0,
                                  .in_offset = 1,
                                  .out_offset = -3,
                                  .clamp_min = -2,
                                  .clamp_max = 127};
constexpr std::int8_t kKernel[] = {1, 2, 3, 4};
constexpr std::int32_t kHalf = 1 << 30;  // 0.5 at shift 0

TEST(Conv2d, S8PadsWithTheZeroPointAndRoundsAwayFromZero) {
  const std::int8_t x[] = {0, 1, 2, 3, 4, 5, 6, 7, -8};  // + in_offset: 1 2 3 | 4 5 6 | 7 8 -7
  const std::int32_t b[] = {1};
  const std::int8_t shift[] = {0};
  std::int8_t y[9] = {};
  conv_2d_s8_portable(kParams, x, kKernel, b, &kHalf, shift, y);
  // acc: 38 48 22 | 68 14 -14 | 24 -5 -6; halved: 19 24 11 | 34 7 -7 | 12 -2.5 -3; ties of a positive product go up,
  // of a negative one up too (to -2); minus 3, at least -2.
  const std::int8_t want[] = {16, 21, 8, 31, 4, -2, 9, -2, -2};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Conv2d, S16SumsIn64Bits) {
  const std::int16_t x[] = {0, 1, 2, 3, 4, 5, 6, 7, -8};
  const std::int64_t b[] = {(std::int64_t{1} << 40) + 1};
  const std::int32_t multiplier = 1 << 30;
  const std::int8_t shift[] = {-30};  // 2^-31
  Conv2dParams p = kParams;
  p.clamp_max = 32767;
  std::int16_t y[9] = {};
  conv_2d_s16_portable(p, x, kKernel, b, &multiplier, shift, y);
  for (const std::int16_t v : y) EXPECT_EQ(v, 512 - 3);  // 2^40 / 2^31; the rest is far below one half
}

TEST(Conv2d, S16WithNarrowBiasRoundsTwice) {
  const std::int16_t x[] = {0, -1, -1, -1, -1, -1, -1, -1, -1};  // + in_offset: 1, then zeros
  const std::int32_t b[] = {0};
  const std::int8_t shift[] = {-1};  // a quarter
  Conv2dParams p = kParams;
  p.out_offset = 0;
  std::int16_t y[9] = {};
  conv_2d_s16_bias32_portable(p, x, kKernel, b, &kHalf, shift, y);
  EXPECT_EQ(y[0], 1);  // 1/2 -> 1, 1/2 -> 1; rounded once, 1/4 would be 0
  EXPECT_EQ(y[1], 0);
}

TEST(Conv2d, F32AddsTheBiasLastAndClamps) {
  const Conv2dF32Params p = {.batches = 1,
                             .in_h = 1,
                             .in_w = 2,
                             .in_c = 1,
                             .out_h = 1,
                             .out_w = 2,
                             .out_c = 2,
                             .kernel_h = 1,
                             .kernel_w = 1,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .pad_top = 0,
                             .pad_left = 0,
                             .clamp_min = 0.0F,
                             .clamp_max = 6.0F};
  const float x[] = {1.0F, 2.0F};
  const float k[] = {2.5F, -1.0F};
  const float b[] = {0.5F, 1.5F};
  float y[4] = {};
  conv_2d_f32_portable(p, x, k, b, y);
  EXPECT_EQ(y[0], 3.0F);
  EXPECT_EQ(y[1], 0.5F);
  EXPECT_EQ(y[2], 5.5F);
  EXPECT_EQ(y[3], 0.0F);
}

}  // namespace
}  // namespace mote::kernels
