// The squared difference against hand-worked values.
#include "device/kernels/squared_difference/squared_difference.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(SquaredDifference, S8ScalesBackToItsOwnUnits) {
  // Operands times 2^7 / 2 = 64; d * d times 2^-12 gives the square of the difference back.
  const std::vector<std::int8_t> a = {3, -4, 20};
  const std::vector<std::int8_t> b = {1, 1, 0};
  std::vector<std::int8_t> y(3);
  const SquaredDifferenceParams p = {
      3, {1, 1, 1, 1, 3}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}, 0, 0, 1 << 30, 0, 1 << 30, 0, 1 << 30, -11, -10};
  squared_difference_s8_portable(p, a.data(), b.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{-6, 15, 127}));  // 4, 25, 400, each - 10
}

TEST(SquaredDifference, F32) {
  const std::vector<float> a = {3.0F, -1.0F};
  const float b = 1.5F;
  std::vector<float> y(2);
  squared_difference_f32_portable({2, {1, 1, 1, 1, 2}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}, a.data(), &b, y.data());
  EXPECT_EQ(y, (std::vector<float>{2.25F, 6.25F}));
}

}  // namespace
}  // namespace mote::kernels
