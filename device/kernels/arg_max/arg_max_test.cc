// Arg_max against hand-worked values.
#include "device/kernels/arg_max/arg_max.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(ArgMax, TakesTheFirstOfEquals) {
  const std::vector<std::int8_t> x = {-128, 5, 5, 1, 1, 1};  // [2,3]
  std::vector<std::int32_t> y(2);
  arg_max_s8_portable({2, 3, 1}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int32_t>{1, 0}));
}

TEST(ArgMax, AlongTheFirstAxis) {
  const std::vector<float> x = {1, 6, 3, 2, 2, 9};  // [3,2]
  std::vector<std::int32_t> y(2);
  arg_max_f32_portable({1, 3, 2}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int32_t>{1, 2}));
}

}  // namespace
}  // namespace mote::kernels
