// The fixed-point functions against the real ones; their exact bits are proven by the vectors of softmax, logistic,
// tanh.
#include "contract/quant/fixed_point_math.h"

#include <cmath>

#include <gtest/gtest.h>

namespace mote::quant {
namespace {

double real(std::int32_t q, int integer_bits) { return std::ldexp(q, integer_bits - 31); }

TEST(FixedPointMath, SaturatingLeftShift) {
  EXPECT_EQ(saturating_left_shift(3, 4), 48);
  EXPECT_EQ(saturating_left_shift(-3, 4), -48);
  EXPECT_EQ(saturating_left_shift(1 << 30, 1), INT32_MAX);
  EXPECT_EQ(saturating_left_shift(-(1 << 30) - 1, 1), INT32_MIN);
  EXPECT_EQ(saturating_left_shift(INT32_MIN, 0), INT32_MIN);
}

TEST(FixedPointMath, CountLeadingZeros) {
  EXPECT_EQ(count_leading_zeros(0), 32);
  EXPECT_EQ(count_leading_zeros(1), 31);
  EXPECT_EQ(count_leading_zeros(0x80000000U), 0);
}

TEST(FixedPointMath, ExpIsNearTheRealOne) {
  for (const int bits : {3, 4, 5}) {
    for (std::int64_t a = INT32_MIN; a <= 0; a += 9999991) {
      const auto q = static_cast<std::int32_t>(a);
      EXPECT_NEAR(real(exp_on_negative_values(q, bits), 0), std::exp(real(q, bits)), 1e-6) << q << " in Q" << bits;
    }
  }
  EXPECT_EQ(exp_on_negative_values(0, 5), INT32_MAX);
  EXPECT_EQ(exp_on_negative_values(INT32_MIN, 6), 0);
}

TEST(FixedPointMath, OneOverOnePlusXIsNearTheRealOne) {
  for (std::int64_t a = 0; a <= INT32_MAX; a += 9999991) {
    const auto q = static_cast<std::int32_t>(a);
    EXPECT_NEAR(real(one_over_one_plus_x(q), 0), 1.0 / (1.0 + real(q, 0)), 1e-7) << q;
  }
}

TEST(FixedPointMath, LogisticAndTanhAreNearTheRealOnes) {
  for (std::int64_t a = -INT32_MAX; a <= INT32_MAX; a += 9999991) {
    const auto q = static_cast<std::int32_t>(a);
    EXPECT_NEAR(real(logistic(q, 4), 0), 1.0 / (1.0 + std::exp(-real(q, 4))), 1e-6) << q;
    EXPECT_NEAR(real(tanh(q, 4), 0), std::tanh(real(q, 4)), 2e-6) << q;
  }
  EXPECT_EQ(logistic(0, 4), 1 << 30);
  EXPECT_EQ(tanh(0, 4), 0);
}

}  // namespace
}  // namespace mote::quant
