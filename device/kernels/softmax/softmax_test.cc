// Softmax against the real function; its exact bits are proven by the foreign vectors.
#include "device/kernels/softmax/softmax.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// Scale 1/8 in Q5: 1/8 * 2^26 = 2^23 = (2^30 / 2^31) * 2^24; differences below -31 / (1/8) do not count.
constexpr SoftmaxParams kParams = {.rows = 1, .depth = 4, .multiplier = 1 << 30, .shift = 24, .diff_min = -124};

double real(const std::int8_t (&x)[4], int c) {
  double sum = 0;
  for (const std::int8_t v : x) sum += std::exp((v - 127) / 8.0);
  return std::exp((x[c] - 127) / 8.0) / sum;
}

TEST(Softmax, S8IsNearTheRealOneInPlaceToo) {
  const std::int8_t x[] = {127, 120, -128, 100};
  std::int8_t y[4] = {127, 120, -128, 100};
  softmax_s8_portable(kParams, y, y);
  for (int c = 0; c < 4; ++c) EXPECT_NEAR(y[c], real(x, c) * 256 - 128, 1.0) << c;
  EXPECT_EQ(y[2], -128);
}

TEST(Softmax, S8ToS16IsNearTheRealOne) {
  const std::int8_t x[] = {127, 120, -128, 100};
  std::int16_t y[4] = {};
  softmax_s8_s16_portable(kParams, x, y);
  for (int c = 0; c < 4; ++c) EXPECT_NEAR(y[c], real(x, c) * 65536 - 32768, 2.0) << c;
}

TEST(Softmax, S8OfMoreThan512EqualsIsZeroEverywhere) {
  SoftmaxParams p = kParams;
  p.depth = 4095;
  std::vector<std::int8_t> x(4095, 5);
  softmax_s8_portable(p, x.data(), x.data());
  for (const std::int8_t v : x) ASSERT_EQ(v, -128);
}

TEST(Softmax, F32SumsToOne) {
  const SoftmaxF32Params p = {.rows = 2, .depth = 3, .beta = 2.0F};
  float x[] = {1.0F, 1.0F, 1.0F, -1000.0F, 0.0F, 0.5F};
  softmax_f32_portable(p, x, x);
  for (int i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(x[i], 1.0F / 3);
  EXPECT_EQ(x[3], 0.0F);
  EXPECT_FLOAT_EQ(x[4], 1.0F / (1.0F + std::exp(1.0F)));
}

}  // namespace
}  // namespace mote::kernels
