// Depthwise convolution by hand.
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// Two channels, two outputs each, a 1x2 kernel dilated to reach over one pixel, one column of padding before.
constexpr DepthwiseConv2dParams kParams = {.batches = 1,
                                           .in_h = 1,
                                           .in_w = 2,
                                           .in_c = 2,
                                           .out_h = 1,
                                           .out_w = 2,
                                           .out_c = 4,
                                           .kernel_h = 1,
                                           .kernel_w = 2,
                                           .stride_h = 1,
                                           .stride_w = 1,
                                           .dilation_h = 1,
                                           .dilation_w = 2,
                                           .pad_top = 0,
                                           .pad_left = 1,
                                           .depth_multiplier = 2,
                                           .in_offset = 0,
                                           .out_offset = 1,
                                           .clamp_min = -10,
                                           .clamp_max = 10};
constexpr std::int8_t kKernel[] = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::int32_t kHalf[] = {1 << 30, 1 << 30, 1 << 30, 1 << 30};
constexpr std::int8_t kShift[] = {1, 1, 1, 0};  // the last output is halved

TEST(DepthwiseConv2d, S8TakesEveryOutputFromItsOwnChannel) {
  const std::int8_t x[] = {1, -1, 2, -2};
  const std::int32_t b[] = {0, 0, 0, 3};
  std::int8_t y[8] = {};
  depthwise_conv_2d_s8_portable(kParams, x, kKernel, b, kHalf, kShift, y);
  // At 0 the second tap sees pixel 1, at 1 the first tap sees pixel 0.
  // acc: 10 12 -14 (-16+3) | 1 2 -3 (-4+3); the last halved: -6.5 -> -6, -0.5 -> 0; plus 1, in [-10, 10]
  const std::int8_t want[] = {10, 10, -10, -5, 2, 3, -2, 1};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(DepthwiseConv2d, S16RoundsOnce) {
  const std::int16_t x[] = {1, -1, 2, -2};
  const std::int64_t b[] = {0, 0, 0, 3};
  std::int16_t y[8] = {};
  depthwise_conv_2d_s16_portable(kParams, x, kKernel, b, kHalf, kShift, y);
  const std::int16_t want[] = {10, 10, -10, -5, 2, 3, -2, 1};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(DepthwiseConv2d, F32) {
  const DepthwiseConv2dF32Params p = {.batches = 1,
                                      .in_h = 2,
                                      .in_w = 1,
                                      .in_c = 2,
                                      .out_h = 1,
                                      .out_w = 1,
                                      .out_c = 2,
                                      .kernel_h = 2,
                                      .kernel_w = 1,
                                      .stride_h = 1,
                                      .stride_w = 1,
                                      .dilation_h = 1,
                                      .dilation_w = 1,
                                      .pad_top = 0,
                                      .pad_left = 0,
                                      .depth_multiplier = 1,
                                      .clamp_min = -100.0F,
                                      .clamp_max = 6.0F};
  const float x[] = {1.0F, 2.0F, 3.0F, 4.0F};
  const float k[] = {0.5F, 1.0F, -1.0F, 2.0F};
  const float b[] = {0.25F, 1.0F};
  float y[2] = {};
  depthwise_conv_2d_f32_portable(p, x, k, b, y);
  EXPECT_EQ(y[0], -2.25F);
  EXPECT_EQ(y[1], 6.0F);
}

}  // namespace
}  // namespace mote::kernels
