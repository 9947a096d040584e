// Maximum against hand-worked values.
#include "device/kernels/maximum/maximum.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Maximum, BroadcastsOneNumber) {
  const std::vector<std::int8_t> a = {1, 5, 7, 3};
  const std::int8_t b = 4;
  std::vector<std::int8_t> y(4);
  maximum_s8_portable({4, {1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}}, a.data(), &b, y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{4, 5, 7, 4}));
}

}  // namespace
}  // namespace mote::kernels
