// Fully connected layers by hand.
#include "device/kernels/fully_connected/fully_connected.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

constexpr FullyConnectedParams kParams = {.rows = 2,
                                          .depth = 2,
                                          .units = 2,
                                          .scale_step = 1,
                                          .in_offset = 1,
                                          .out_offset = -1,
                                          .clamp_min = -128,
                                          .clamp_max = 20};
constexpr std::int8_t kWeights[] = {1, 2, -3, 4};
constexpr std::int32_t kHalf[] = {1 << 30, 1 << 30};

TEST(FullyConnected, S8WithOneScalePerUnitOrOneInAll) {
  const std::int8_t x[] = {0, 1, 9, -3};  // + in_offset: 1 2 | 10 -2
  const std::int32_t b[] = {0, 2};
  const std::int8_t shift[] = {1, 0};  // 1, 1/2
  std::int8_t y[4] = {};
  fully_connected_s8_portable(kParams, x, kWeights, b, kHalf, shift, y);
  // acc: 5 7 | 6 -36; scaled: 5 3.5 -> 4 | 6 -18
  const std::int8_t per_unit[] = {4, 3, 5, -19};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], per_unit[i]) << i;
  FullyConnectedParams one = kParams;
  one.scale_step = 0;
  fully_connected_s8_portable(one, x, kWeights, b, kHalf, shift, y);
  const std::int8_t in_all[] = {4, 6, 5, -37};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], in_all[i]) << i;
}

TEST(FullyConnected, S16RoundsOnceButTwiceWithNarrowBias) {
  const std::int16_t x[] = {0, -1, 1, -1};  // + in_offset: 1 0 | 2 0
  const std::int64_t wide[] = {0, 0};
  const std::int32_t narrow[] = {0, 0};
  const std::int8_t shift[] = {-1, 1};  // 1/4, 1
  std::int16_t y[4] = {};
  fully_connected_s16_portable(kParams, x, kWeights, wide, kHalf, shift, y);
  const std::int16_t once[] = {-1, -4, 0, -7};  // acc 1 -3 | 2 -6: 1/4 -> 0, 2/4 -> 1
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], once[i]) << i;
  fully_connected_s16_bias32_portable(kParams, x, kWeights, narrow, kHalf, shift, y);
  const std::int16_t twice[] = {0, -4, 0, -7};  // 1/2 -> 1, 1/2 -> 1
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], twice[i]) << i;
}

TEST(FullyConnected, F32) {
  const FullyConnectedF32Params p = {.rows = 1, .depth = 2, .units = 2, .clamp_min = 0.0F, .clamp_max = 100.0F};
  const float x[] = {1.5F, -2.0F};
  const float k[] = {2.0F, 1.0F, 1.0F, 4.0F};
  const float b[] = {0.25F, 1.0F};
  float y[2] = {};
  fully_connected_f32_portable(p, x, k, b, y);
  EXPECT_EQ(y[0], 1.25F);
  EXPECT_EQ(y[1], 0.0F);
}

}  // namespace
}  // namespace mote::kernels
