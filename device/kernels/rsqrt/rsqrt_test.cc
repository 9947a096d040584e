// The reciprocal square root against hand-worked values.
#include "device/kernels/rsqrt/rsqrt.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(Rsqrt, F32InPlace) {
  float x[] = {4.0F, 0.0625F, 2.0F};
  rsqrt_f32_portable({3}, x, x);
  EXPECT_FLOAT_EQ(x[0], 0.5F);
  EXPECT_FLOAT_EQ(x[1], 4.0F);
  EXPECT_FLOAT_EQ(x[2], 0.70710678F);
}

}  // namespace
}  // namespace mote::kernels
