// Piecewise linear activations against hand-worked values.
#include "device/kernels/rectify/rectify.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(Rectify, S16ScalesBothSidesAndClamps) {
  const std::int16_t x[] = {100, -100, 0, 3, 32767};
  std::int16_t y[5];
  // Positive: 2^30 * 2^(1-31) = 1. Negative: 2^30 * 2^(-1-31) = 1/4.
  rectify_s16_portable({5, 0, 1 << 30, 1, 1 << 30, -1, 0, -20, 1000}, x, y);
  EXPECT_EQ(y[0], 100);
  EXPECT_EQ(y[1], -20);  // -25, clamped
  EXPECT_EQ(y[2], 0);
  EXPECT_EQ(y[3], 3);
  EXPECT_EQ(y[4], 1000);
}

TEST(Rectify, F32LeavesNoNegativeZeroBehind) {
  float x[] = {-2.0F, 2.0F, 7.0F};
  rectify_f32_portable({3, 1.0F, 0.0F, 6.0F}, x, x);
  EXPECT_EQ(x[0], 0.0F);
  EXPECT_FALSE(__builtin_signbit(x[0]));
  EXPECT_EQ(x[1], 2.0F);
  EXPECT_EQ(x[2], 6.0F);
  float leaky[] = {-2.0F, 2.0F};
  rectify_f32_portable({2, 0.25F, -__builtin_inff(), __builtin_inff()}, leaky, leaky);
  EXPECT_EQ(leaky[0], -0.5F);
  EXPECT_EQ(leaky[1], 2.0F);
}

}  // namespace
}  // namespace mote::kernels
