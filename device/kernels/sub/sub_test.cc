// Differences by hand.
#include "device/kernels/sub/sub.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// Both operands at scale 1, the output at 2: 1/2, 1/2 and 2 / (2^left_shift * 2). One element minus three.
constexpr ScaledBinaryParams kParams = {.count = 3,
                                        .extent = {1, 1, 1, 1, 3},
                                        .a_stride = {0, 0, 0, 0, 0},
                                        .b_stride = {0, 0, 0, 0, 1},
                                        .a_offset = 0,
                                        .b_offset = 2,
                                        .left_shift = 20,
                                        .a_multiplier = 1 << 30,
                                        .a_shift = 0,
                                        .b_multiplier = 1 << 30,
                                        .b_shift = 0,
                                        .out_multiplier = 1 << 30,
                                        .out_shift = -19,
                                        .out_offset = 1,
                                        .clamp_min = -128,
                                        .clamp_max = 20};

TEST(Sub, S8) {
  const std::int8_t a[] = {5};
  const std::int8_t b[] = {0, 4, -60};  // + 2: 2 6 -58
  std::int8_t y[3] = {};
  sub_s8_portable(kParams, a, b, y);
  const std::int8_t want[] = {3, 0, 20};  // 3 -1 63; halved: 1.5 -> 2, -0.5 -> -1, 31.5; plus 1, at most 20
  for (int i = 0; i < 3; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Sub, S16) {
  ScaledBinaryParams p = kParams;
  p.b_offset = 0;
  p.left_shift = 15;
  p.out_shift = -14;
  p.clamp_max = 32767;
  const std::int16_t a[] = {32767};
  const std::int16_t b[] = {32767, -32768, 0};
  std::int16_t y[3] = {};
  sub_s16_portable(p, a, b, y);
  const std::int16_t want[] = {1, 32767, 16385};  // 0, 65535 / 2 + 1 clamped, 32767 / 2 -> 16384 + 1
  for (int i = 0; i < 3; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Sub, S32WrapsAndF32Clamps) {
  const BroadcastParams p = {
      .count = 2, .extent = {1, 1, 1, 1, 2}, .a_stride = {0, 0, 0, 0, 1}, .b_stride = {0, 0, 0, 0, 1}};
  const std::int32_t a[] = {5, INT32_MIN};
  const std::int32_t b[] = {7, 1};
  std::int32_t y[2] = {};
  sub_s32_portable(p, a, b, y);
  EXPECT_EQ(y[0], -2);
  EXPECT_EQ(y[1], INT32_MAX);
  const BinaryF32Params q = {.count = 2,
                             .extent = {1, 1, 1, 1, 2},
                             .a_stride = {0, 0, 0, 0, 1},
                             .b_stride = {0, 0, 0, 0, 1},
                             .clamp_min = -1.0F,
                             .clamp_max = 1.0F};
  float c[] = {0.5F, 8.0F};
  const float d[] = {1.0F, 2.0F};
  sub_f32_portable(q, c, d, c);
  EXPECT_EQ(c[0], -0.5F);
  EXPECT_EQ(c[1], 1.0F);
}

}  // namespace
}  // namespace mote::kernels
