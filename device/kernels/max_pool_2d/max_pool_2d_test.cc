// Maximum pooling by hand.
#include "device/kernels/max_pool_2d/max_pool_2d.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// A 1x3 input of two channels under a 1x2 window, SAME: the last window sees one element.
constexpr Pool2dParams kParams = {.batches = 1,
                                  .in_h = 1,
                                  .in_w = 3,
                                  .out_h = 1,
                                  .out_w = 3,
                                  .channels = 2,
                                  .kernel_h = 1,
                                  .kernel_w = 2,
                                  .stride_h = 1,
                                  .stride_w = 1,
                                  .pad_top = 0,
                                  .pad_left = 0,
                                  .clamp_min = -60,
                                  .clamp_max = 127};

TEST(MaxPool2d, S8IgnoresPadding) {
  const std::int8_t x[] = {1, -1, 2, -2, 7, -100};
  std::int8_t y[6] = {};
  max_pool_2d_s8_portable(kParams, x, y);
  const std::int8_t want[] = {2, -1, 7, -2, 7, -60};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(MaxPool2d, S16) {
  const std::int16_t x[] = {1, -1, 2, -2, 32767, -100};
  Pool2dParams p = kParams;
  p.clamp_max = 32767;
  std::int16_t y[6] = {};
  max_pool_2d_s16_portable(p, x, y);
  const std::int16_t want[] = {2, -1, 32767, -2, 32767, -60};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(MaxPool2d, F32) {
  const Pool2dF32Params p = {.batches = 1,
                             .in_h = 2,
                             .in_w = 2,
                             .out_h = 1,
                             .out_w = 1,
                             .channels = 1,
                             .kernel_h = 2,
                             .kernel_w = 2,
                             .stride_h = 2,
                             .stride_w = 2,
                             .pad_top = 0,
                             .pad_left = 0,
                             .clamp_min = 0.0F,
                             .clamp_max = 6.0F};
  const float x[] = {1.0F, 2.0F, 3.0F, 4.0F};
  float y = 0.0F;
  max_pool_2d_f32_portable(p, x, &y);
  EXPECT_EQ(y, 4.0F);
}

}  // namespace
}  // namespace mote::kernels
