// Minimum against hand-worked values.
#include "device/kernels/minimum/minimum.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Minimum, BroadcastsOneNumber) {
  const std::vector<std::int8_t> a = {1, 5, 7, 3};
  const std::int8_t b = 4;
  std::vector<std::int8_t> y(4);
  minimum_s8_portable({4, {1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}, a.data(), &b, y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{1, 4, 4, 3}));
}

}  // namespace
}  // namespace mote::kernels
