// The parametric ReLU against hand-worked values.
#include "device/kernels/prelu/prelu.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Prelu, S8TakesTheSlopeOfItsChannel) {
  // x [2,2], alpha [2] with zero point 1. Positive: factor 1; negative: factor 1/2 on the product.
  const std::vector<std::int8_t> x = {10, 10, -10, -10};
  const std::vector<std::int8_t> alpha = {3, -1};
  std::vector<std::int8_t> y(4);
  prelu_s8_portable({4, {1, 1, 1, 2, 2}, {0, 0, 0, 2, 1}, {0, 0, 0, 0, 1}, 0, -1, 1 << 30, 1, 1 << 30, 0, 5}, x.data(),
                    alpha.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{15, 15, -5, 15}));  // -10 * 2 / 2 + 5, -10 * -2 / 2 + 5
}

TEST(Prelu, F32InPlaceWithOneSlopeForAll) {
  std::vector<float> x = {-2.0F, 3.0F};
  const float alpha = 0.25F;
  prelu_f32_portable({2, {1, 1, 1, 1, 2}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}, x.data(), &alpha, x.data());
  EXPECT_EQ(x, (std::vector<float>{-0.5F, 3.0F}));
}

}  // namespace
}  // namespace mote::kernels
