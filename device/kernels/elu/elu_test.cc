// The exponential linear unit against hand-worked values.
#include "device/kernels/elu/elu.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(Elu, F32InPlace) {
  float x[] = {0.0F, 2.5F, -1.0F};
  elu_f32_portable({3}, x, x);
  EXPECT_EQ(x[0], 0.0F);
  EXPECT_EQ(x[1], 2.5F);
  EXPECT_NEAR(x[2], -0.63212056F, 1e-7F);
}

}  // namespace
}  // namespace mote::kernels
