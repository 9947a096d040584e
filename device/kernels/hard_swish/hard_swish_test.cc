// The hard swish activation against hand-worked values.
#include "device/kernels/hard_swish/hard_swish.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(HardSwish, F32InPlace) {
  float x[] = {-4.0F, 4.0F, -1.5F};
  hard_swish_f32_portable({3}, x, x);
  EXPECT_EQ(x[0], 0.0F);
  EXPECT_EQ(x[1], 4.0F);
  EXPECT_EQ(x[2], -0.375F);  // -1.5 * 1.5 / 6
}

}  // namespace
}  // namespace mote::kernels
