// Dequantisation against hand-worked values.
#include "device/kernels/dequantize/dequantize.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(Dequantize, SubtractsTheZeroPointAndScales) {
  float y[3];
  const std::int8_t s8[] = {-128, 127, -128};
  dequantize_s8_portable({3, 127, 0.5F}, s8, y);
  EXPECT_EQ(y[0], -127.5F);
  EXPECT_EQ(y[1], 0.0F);
  const std::uint8_t u8[] = {0, 255, 128};
  dequantize_u8_portable({3, 128, 0.25F}, u8, y);
  EXPECT_EQ(y[0], -32.0F);
  EXPECT_EQ(y[1], 31.75F);
  EXPECT_EQ(y[2], 0.0F);
  const std::int16_t s16[] = {-32768, 32767, 1};
  dequantize_s16_portable({3, 0, 2.0F}, s16, y);
  EXPECT_EQ(y[0], -65536.0F);
  EXPECT_EQ(y[1], 65534.0F);
}

}  // namespace
}  // namespace mote::kernels
