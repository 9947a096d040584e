// Gather against hand-worked values.
#include "device/kernels/gather/gather.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Gather, PicksRowsAndStaysInside) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};  // [3,2]
  const std::int32_t index[] = {2, 0, -7, 99};
  std::vector<float> y(8);
  gather_x32_portable({1, 3, 2, 4}, x.data(), index, y.data());
  EXPECT_EQ(y, (std::vector<float>{5, 6, 1, 2, 1, 2, 5, 6}));
}

TEST(Gather, AlongTheLastAxis) {
  const std::vector<std::int8_t> x = {1, 2, 3, 4, 5, 6};  // [2,3]
  const std::int32_t index[] = {1, 1};
  std::vector<std::int8_t> y(4);
  gather_x8_portable({2, 3, 1, 2}, x.data(), index, y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{2, 2, 5, 5}));
}

}  // namespace
}  // namespace mote::kernels
