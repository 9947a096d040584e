// The mean against hand-worked values.
#include "device/kernels/mean/mean.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Mean, OverTheMiddleAxis) {
  // x [2,3,2], mean over axis 1: 1/3 as 2^30 * 4/3 * 2^(-1 - 31).
  const std::vector<std::int8_t> x = {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -7};
  std::vector<std::int8_t> y(4);
  const MeanParams p = {{1, 1, 2, 2}, {0, 0, 6, 1}, {1, 1, 1, 3}, {0, 0, 0, 2}, 0, 1431655765, -1, 10};
  mean_s8_portable(p, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<std::int8_t>{
                   13, 14, 7, 5}));  // 3, 4, -3 and -4.33, which rounds twice: -8.67, -9, -4.5, -5; each + 10
}

TEST(Mean, SaturatesAndSubtractsZeroPoints) {
  const std::vector<std::int16_t> x = {32767, 32767};
  std::vector<std::int16_t> y(1);
  // Sum 65534 - 2 * 100 doubled: beyond int16.
  mean_s16_portable({{1, 1, 1, 1}, {0, 0, 0, 0}, {1, 1, 1, 2}, {0, 0, 0, 1}, -200, 1 << 30, 2, 0}, x.data(), y.data());
  EXPECT_EQ(y[0], 32767);
}

TEST(Mean, F32OverFirstAndLastAxis) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};  // [2,2,2]
  std::vector<float> y(2);
  mean_f32_portable({{1, 1, 1, 2}, {0, 0, 0, 2}, {1, 1, 2, 2}, {0, 0, 4, 1}, 4.0F}, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{3.5F, 5.5F}));
}

}  // namespace
}  // namespace mote::kernels
