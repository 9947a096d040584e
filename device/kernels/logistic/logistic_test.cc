// The logistic function against hand-worked values.
#include "device/kernels/logistic/logistic.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mote::kernels {
namespace {

TEST(Logistic, S16IsHalfAtZeroAndSaturatesAtBothEnds) {
  // Scale 2^-12: multiplier 3, shift 0. The table ends at 10.6, beyond the 8 that int16 reaches with this scale.
  const std::int16_t x[] = {0, 4096, -4096, 32767, -32768};
  std::int16_t y[5];
  logistic_s16_portable({5, 3, 0}, x, y);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(y[i], 32768.0 / (1.0 + std::exp(-x[i] / 4096.0)), 1.0) << x[i];
  EXPECT_EQ(y[0], 16384);
  logistic_s16_portable({5, 32767, 0}, x, y);  // arguments beyond the table
  EXPECT_EQ(y[3], 32767);
  EXPECT_EQ(y[4], 1);  // 2^15 - 32767
}

TEST(Logistic, F32InPlace) {
  float x[] = {0.0F, 1.0F, -1.0F};
  logistic_f32_portable({3}, x, x);
  EXPECT_EQ(x[0], 0.5F);
  EXPECT_NEAR(x[1], 0.7310586F, 1e-7F);
  EXPECT_NEAR(x[2], 0.2689414F, 1e-7F);
}

}  // namespace
}  // namespace mote::kernels
