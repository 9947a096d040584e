// Our exp against the C library's in double.
#include "contract/f32/exp.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace mote::f32 {
namespace {

TEST(ExpF32, IsWithinTwoUnitsInTheLastPlace) {
  for (int i = -873000; i <= 887000; ++i) {
    const float x = static_cast<float>(i) * 1e-4F;
    const auto want = static_cast<float>(std::exp(static_cast<double>(x)));
    const float unit = std::nextafter(want, std::numeric_limits<float>::infinity()) - want;
    ASSERT_LE(std::fabs(exp(x) - want), 2 * unit) << x;
  }
}

TEST(ExpF32, Ends) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp(0.0F), 1.0F);
  EXPECT_EQ(exp(kInf), kInf);
  EXPECT_EQ(exp(-kInf), 0.0F);
  EXPECT_EQ(exp(-100.0F), 0.0F);
  EXPECT_EQ(exp(89.0F), kInf);
  EXPECT_TRUE(std::isnan(exp(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace mote::f32
