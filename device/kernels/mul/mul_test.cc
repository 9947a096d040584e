// Products by hand.
#include "device/kernels/mul/mul.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

// Factor 1/4; three elements each with its own factor.
constexpr ProductParams kParams = {.count = 3,
                                   .extent = {1, 1, 1, 1, 3},
                                   .a_stride = {0, 0, 0, 0, 1},
                                   .b_stride = {0, 0, 0, 0, 1},
                                   .a_offset = 1,
                                   .b_offset = -2,
                                   .out_multiplier = 1 << 30,
                                   .out_shift = -1,
                                   .out_offset = 3,
                                   .clamp_min = -128,
                                   .clamp_max = 100};

TEST(Mul, S8RoundsTwice) {
  const std::int8_t a[] = {0, 8, 126};   // + 1: 1 9 127
  const std::int8_t b[] = {3, -1, 127};  // - 2: 1 -3 125
  std::int8_t y[3] = {};
  mul_s8_portable(kParams, a, b, y);
  // 1 -27 15875; halved: 0.5 -> 1, -13.5 -> -13; halved: 0.5 -> 1, -6.5 -> -7; plus 3
  const std::int8_t want[] = {4, -4, 100};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Mul, S16) {
  ProductParams p = kParams;
  p.a_offset = 0;
  p.b_offset = 0;
  p.out_offset = 0;
  p.out_shift = -15;  // 2^-16
  p.clamp_min = -32768;
  p.clamp_max = 32767;
  const std::int16_t a[] = {-32768, 32767, 256};
  const std::int16_t b[] = {-32768, -32768, 128};
  std::int16_t y[3] = {};
  mul_s16_portable(p, a, b, y);
  const std::int16_t want[] = {16384, -16384, 1};  // 2^30, -2^30 + 2^15 -> -16383.5 away from zero, 1/2
  for (int i = 0; i < 3; ++i) EXPECT_EQ(y[i], want[i]) << i;
}

TEST(Mul, S32WrapsAndF32Clamps) {
  const BroadcastParams p = {
      .count = 2, .extent = {1, 1, 1, 1, 2}, .a_stride = {0, 0, 0, 0, 1}, .b_stride = {0, 0, 0, 0, 1}};
  const std::int32_t a[] = {-5, 1 << 16};
  const std::int32_t b[] = {7, 1 << 16};
  std::int32_t y[2] = {};
  mul_s32_portable(p, a, b, y);
  EXPECT_EQ(y[0], -35);
  EXPECT_EQ(y[1], 0);
  const BinaryF32Params q = {.count = 2,
                             .extent = {1, 1, 1, 1, 2},
                             .a_stride = {0, 0, 0, 0, 1},
                             .b_stride = {0, 0, 0, 0, 0},
                             .clamp_min = 0.0F,
                             .clamp_max = 6.0F};
  const float c[] = {0.5F, 8.0F};
  const float d[] = {2.0F};
  float z[2] = {};
  mul_f32_portable(q, c, d, z);
  EXPECT_EQ(z[0], 1.0F);
  EXPECT_EQ(z[1], 6.0F);
}

}  // namespace
}  // namespace mote::kernels
