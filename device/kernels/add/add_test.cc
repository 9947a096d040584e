// Sums by hand: equal shapes, broadcast operands, in place.
#include "device/kernels/add/add.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// Both operands at scale 1, the output at 2: 1/2, 1/2 and 2 / (2^20 * 2) = 2^-20. [2,3] + [3].
constexpr ScaledBinaryParams kParams = {.count = 6,
                                        .extent = {1, 1, 1, 2, 3},
                                        .a_stride = {0, 0, 0, 3, 1},
                                        .b_stride = {0, 0, 0, 0, 1},
                                        .a_offset = 1,
                                        .b_offset = 0,
                                        .left_shift = 20,
                                        .a_multiplier = 1 << 30,
                                        .a_shift = 0,
                                        .b_multiplier = 1 << 30,
                                        .b_shift = 0,
                                        .out_multiplier = 1 << 30,
                                        .out_shift = -19,
                                        .out_offset = -1,
                                        .clamp_min = -10,
                                        .clamp_max = 127};

TEST(Add, S8RepeatsTheSmallerOperandAndRoundsAwayFromZero) {
  std::int8_t a[] = {0, 1, 2, -30, 10, -6};  // + 1: 1 2 3 | -29 11 -5
  const std::int8_t b[] = {2, 4, 0};
  add_s8_portable(kParams, a, b, a);
  // sums: 3 6 3 | -27 15 -5; halved: 2 3 2 | -14 8 -3; minus 1, at least -10
  const std::int8_t want[] = {1, 2, 1, -10, 7, -4};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(a[i], want[i]) << i;
}

TEST(Add, S16) {
  ScaledBinaryParams p = kParams;
  p.a_offset = 0;
  p.out_offset = 0;
  p.left_shift = 15;
  p.out_shift = -14;
  p.clamp_min = -32768;
  p.clamp_max = 32767;
  const std::int16_t a[] = {1, 2, 3, -29, 11, 32767};
  const std::int16_t b[] = {2, 4, 32767};
  std::int16_t y[6] = {};
  add_s16_portable(p, a, b, y);
  const std::int16_t want[] = {2, 3, 16385, -14, 8, 32767};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Add, S32Wraps) {
  const BroadcastParams p = {
      .count = 2, .extent = {1, 1, 1, 1, 2}, .a_stride = {0, 0, 0, 0, 1}, .b_stride = {0, 0, 0, 0, 0}};
  const std::int32_t a[] = {5, INT32_MAX};
  const std::int32_t b[] = {1};
  std::int32_t y[2] = {};
  add_s32_portable(p, a, b, y);
  EXPECT_EQ(y[0], 6);
  EXPECT_EQ(y[1], INT32_MIN);
}

TEST(Add, F32OuterSumClamps) {
  const BinaryF32Params p = {.count = 4,
                             .extent = {1, 1, 1, 2, 2},
                             .a_stride = {0, 0, 0, 1, 0},
                             .b_stride = {0, 0, 0, 0, 1},
                             .clamp_min = 0.0F,
                             .clamp_max = 6.0F};
  const float a[] = {1.5F, -4.0F};
  const float b[] = {0.25F, 5.0F};
  float y[4] = {};
  add_f32_portable(p, a, b, y);
  EXPECT_EQ(y[0], 1.75F);
  EXPECT_EQ(y[1], 6.0F);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_EQ(y[3], 1.0F);
}

}  // namespace
}  // namespace mote::kernels
