// Boundary values of the fixed-point arithmetic, worked out by hand from its definition.
#include "contract/quant/requantize.h"

#include <gtest/gtest.h>

namespace mote::quant {
namespace {

TEST(Requantize, HighMulRoundsTiesUpAndSaturates) {
  EXPECT_EQ(saturating_rounding_doubling_high_mul(INT32_MIN, INT32_MIN), INT32_MAX);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, 1), 1);    // 0.5 -> 1
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, -1), 0);   // -0.5 -> 0
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, -3), -1);  // -1.5 -> -1
}

TEST(Requantize, DivideRoundsTiesAwayFromZero) {
  EXPECT_EQ(rounding_divide_by_power_of_two(5, 1), 3);
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 1), -3);
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 0), -5);
  EXPECT_EQ(rounding_divide_by_power_of_two(INT32_MAX, 31), 1);
  EXPECT_EQ(rounding_divide_by_power_of_two(INT32_MIN, 31), -1);
}

TEST(Requantize, DoubleAndSingleRoundingDiffer) {
  // 0.499 * 2^-0: a product just under one half rounds up twice under double rounding.
  EXPECT_EQ(requantize_double_rounding(3, 1 << 30, -1), 1);  // 1.5 -> 2 -> 2/2 = 1
  EXPECT_EQ(requantize_single_rounding(3, 1 << 30, -1), 1);  // 0.75 -> 1
  EXPECT_EQ(requantize_double_rounding(-1, 1 << 30, -1), 0);
  EXPECT_EQ(requantize_double_rounding(1, 1 << 30, -1), 1);  // 0.5 -> 1 -> 0.5 -> 1
  EXPECT_EQ(requantize_single_rounding(1, 1 << 30, -1), 0);  // 0.25 -> 0
}

}  // namespace
}  // namespace mote::quant
