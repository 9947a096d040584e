// Elementary functions against the C library's double precision.
#include "contract/math/elementary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mote::math {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kBound = 1.0 / (1 << 21);

void expect_close(float got, double want, float x) {
  EXPECT_LE(std::abs(got - want), kBound * std::abs(want)) << "at " << x << ": " << got << " for " << want;
}

TEST(Elementary, StaysWithinTheBoundOverTheWholeRange) {
  for (int i = -200000; i <= 200000; ++i) {
    const float x = static_cast<float>(i) * 4.35e-4F;  // +-87
    const double d = x;
    expect_close(exp_f32(x), std::exp(d), x);
    if (i == 0) continue;  // expm1 and tanh are 0 there
    expect_close(expm1_f32(x), std::expm1(d), x);
    expect_close(tanh_f32(x), std::tanh(d), x);
    // Below -9 the reference takes e^x for e^x / (1 + e^x), and so do we.
    expect_close(logistic_f32(x), x < -9.0F ? std::exp(d) : 1.0 / (1.0 + std::exp(-d)), x);
  }
}

TEST(Elementary, KeepsRelativeAccuracyNearZero) {
  for (float x = 1e-30F; x < 1.0F; x *= 1.37F) {
    for (const float s : {x, -x}) {
      expect_close(expm1_f32(s), std::expm1(static_cast<double>(s)), s);
      expect_close(tanh_f32(s), std::tanh(static_cast<double>(s)), s);
    }
  }
}

TEST(Elementary, TakesRootsOfEveryMagnitude) {
  for (double v = 1e-44; v < 3e38; v *= 1.0371) {  // a subnormal float would not grow
    const auto x = static_cast<float>(v);
    expect_close(rsqrt_f32(x), 1.0 / std::sqrt(static_cast<double>(x)), x);
  }
  EXPECT_EQ(rsqrt_f32(0.0F), kInf);
  EXPECT_EQ(rsqrt_f32(kInf), 0.0F);
  EXPECT_TRUE(std::isnan(rsqrt_f32(-1.0F)));
}

TEST(Elementary, DefinesTheEnds) {
  EXPECT_EQ(exp_f32(0.0F), 1.0F);
  EXPECT_EQ(exp_f32(kInf), kInf);
  EXPECT_EQ(exp_f32(-kInf), 0.0F);
  EXPECT_EQ(exp_f32(89.0F), kInf);
  EXPECT_NEAR(exp_f32(-103.0F), 1.4e-45F, 1e-44F);  // subnormal
  EXPECT_EQ(tanh_f32(kInf), 1.0F);
  EXPECT_EQ(tanh_f32(-kInf), -1.0F);
  EXPECT_EQ(tanh_f32(0.0F), 0.0F);
  EXPECT_EQ(logistic_f32(kInf), 1.0F);
  EXPECT_EQ(logistic_f32(-kInf), 0.0F);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(exp_f32(nan)));
  EXPECT_TRUE(std::isnan(expm1_f32(nan)));
  EXPECT_TRUE(std::isnan(tanh_f32(nan)));
  EXPECT_TRUE(std::isnan(logistic_f32(nan)));
}

}  // namespace
}  // namespace mote::math
