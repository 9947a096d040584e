// Strided copies against hand-worked values.
#include "device/kernels/copy/copy.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Copy, TransposesTwoByThree) {
  const std::vector<std::int16_t> x = {1, 2, 3, 4, 5, 6};
  std::vector<std::int16_t> y(6);
  copy_x16_portable({{1, 1, 1, 1, 3, 2}, {0, 0, 0, 0, 1, 3}, {0, 0, 0, 0, 2, 1}, 0, 0}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int16_t>{1, 4, 2, 5, 3, 6}));
}

TEST(Copy, ReversesAndLeavesTheRestAlone) {
  const std::vector<float> x = {1.0F, 2.0F, 3.0F, 4.0F};
  std::vector<float> y(5, -1.0F);
  copy_x32_portable({{1, 1, 1, 1, 1, 2}, {0, 0, 0, 0, 0, -2}, {0, 0, 0, 0, 0, 1}, 3, 2}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{-1.0F, -1.0F, 4.0F, 2.0F, -1.0F}));
}

TEST(Copy, VisitsAllSixDimensions) {
  std::vector<std::int8_t> x(64);
  for (int i = 0; i < 64; ++i) x[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
  std::vector<std::int8_t> y(64);
  copy_x8_portable({{2, 2, 2, 2, 2, 2}, {1, 2, 4, 8, 16, 32}, {32, 16, 8, 4, 2, 1}, 0, 0}, x.data(), y.data());
  for (int i = 0; i < 64; ++i) {  // all six axes reversed reverse the index's bits
    int reversed = 0;
    for (int bit = 0; bit < 6; ++bit) reversed |= (i >> bit & 1) << (5 - bit);
    EXPECT_EQ(y[static_cast<std::size_t>(i)], reversed);
  }
}

TEST(Copy, MovesEightBytes) {
  const std::vector<std::int64_t> x = {std::int64_t{1} << 40, -7};
  std::vector<std::int64_t> y(2);
  copy_x64_portable({{1, 1, 1, 1, 1, 2}, {0, 0, 0, 0, 0, -1}, {0, 0, 0, 0, 0, 1}, 1, 0}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int64_t>{-7, std::int64_t{1} << 40}));
}

}  // namespace
}  // namespace mote::kernels
