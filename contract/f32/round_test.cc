// Rounding against values worked by hand, and against the C library.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "contract/f32/round.h"

namespace mote::f32 {
namespace {

TEST(RoundF32, HandWorked) {
  EXPECT_EQ(floor(-0.5F), -1.0F);
  EXPECT_EQ(floor(2.999F), 2.0F);
  EXPECT_EQ(ceil(2.001F), 3.0F);
  EXPECT_EQ(ceil(-2.9F), -2.0F);
  EXPECT_EQ(round_half_even(0.5F), 0.0F);
  EXPECT_EQ(round_half_even(1.5F), 2.0F);
  EXPECT_EQ(round_half_even(-2.5F), -2.0F);
  EXPECT_EQ(round_half_even(-3.5F), -4.0F);
}

TEST(RoundF32, AsTheCLibrary) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float x : {infinity, -infinity, 8388607.5F, 8388608.0F, -8388609.0F, 1e30F, 1e-40F, -1e-40F, 0.0F}) {
    EXPECT_EQ(floor(x), std::floor(x)) << x;
    EXPECT_EQ(ceil(x), std::ceil(x)) << x;
    EXPECT_EQ(round_half_even(x), std::nearbyint(x)) << x;
  }
  for (float x = -70.0F; x < 70.0F; x += 0.0625F) {
    EXPECT_EQ(floor(x), std::floor(x)) << x;
    EXPECT_EQ(ceil(x), std::ceil(x)) << x;
    EXPECT_EQ(round_half_even(x), std::nearbyint(x)) << x;
  }
  EXPECT_TRUE(std::isnan(floor(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace mote::f32
