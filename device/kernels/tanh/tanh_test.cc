// The hyperbolic tangent against hand-worked values.
#include "device/kernels/tanh/tanh.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mote::kernels {
namespace {

TEST(Tanh, S16IsOddAndSaturatesAtBothEnds) {
  // Scale 2^-12: multiplier 3, shift 0.
  const std::int16_t x[] = {0, 4096, -4096, 32767, -32768};
  std::int16_t y[5];
  tanh_s16_portable({5, 3, 0}, x, y);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(y[i], 32768.0 * std::tanh(x[i] / 4096.0), 3.0) << x[i];
  EXPECT_EQ(y[0], 0);
  tanh_s16_portable({5, 32767, 0}, x, y);  // arguments beyond the table
  EXPECT_EQ(y[3], 32767);
  EXPECT_EQ(y[4], -32767);
}

TEST(Tanh, F32InPlace) {
  float x[] = {0.0F, 0.5F, -20.0F};
  tanh_f32_portable({3}, x, x);
  EXPECT_EQ(x[0], 0.0F);
  EXPECT_NEAR(x[1], 0.46211716F, 1e-7F);
  EXPECT_EQ(x[2], -1.0F);
}

}  // namespace
}  // namespace mote::kernels
