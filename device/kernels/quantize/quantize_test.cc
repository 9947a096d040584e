// Quantisation against hand-worked values.
#include "device/kernels/quantize/quantize.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Quantize, RoundsTiesAwayFromZero) {
  const float x[] = {0.5F, 1.5F, -0.5F, -2.5F, 0.49999997F, -0.49999997F, 126.6F};
  std::vector<std::int8_t> y(7);
  quantize_f32_s8_portable({7, 1.0F, 0}, x, y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{1, 2, -1, -3, 0, 0, 127}));
}

TEST(Quantize, SaturatesEverythingBeyondTheRange) {
  const float inf = __builtin_inff();
  const float x[] = {1e30F, -1e30F, inf, -inf, __builtin_nanf("")};
  std::vector<std::int16_t> y(5);
  quantize_f32_s16_portable({5, 0.5F, 100}, x, y.data());
  EXPECT_EQ(y, (std::vector<std::int16_t>{32767, -32768, 32767, -32768, 100}));
}

TEST(Quantize, HalvesIntegersAndMovesTheZeroPoint) {
  // 2^30 * 2^(0 - 31) = 1/2; ties of the division round away from zero after the product was rounded up: 1.5 -> 2.
  const std::int16_t x[] = {13, 10, -10, 32767};
  std::vector<std::int8_t> y(4);
  quantize_s16_s8_portable({4, -10, 1 << 30, 0, -5}, x, y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{-3, -5, -15, 127}));
}

TEST(Quantize, CutsOffDifferencesBeyondInt32) {
  const std::int32_t x[] = {INT32_MIN, INT32_MAX};
  std::vector<std::int16_t> y(2);
  quantize_s32_s16_portable({2, -100, 1 << 30, -15, 0}, x, y.data());
  EXPECT_EQ(y, (std::vector<std::int16_t>{-32768, 32767}));  // -2^31 * 2^-16 and 2^31 * 2^-16, saturated
}

}  // namespace
}  // namespace mote::kernels
