// Fills against hand-worked values.
#include "device/kernels/fill/fill.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::kernels {
namespace {

TEST(Fill, WritesTheLowBitsAndNothingBeyond) {
  std::vector<std::int8_t> bytes(4, 1);
  fill_x8_portable({3, -128}, bytes.data());
  EXPECT_EQ(bytes, (std::vector<std::int8_t>{-128, -128, -128, 1}));
  std::vector<std::int16_t> halves(3, 1);
  fill_x16_portable({2, -300}, halves.data());
  EXPECT_EQ(halves, (std::vector<std::int16_t>{-300, -300, 1}));
  std::vector<float> words(2, 0.0F);
  fill_x32_portable({1, 0x3F800000}, words.data());  // the bits of 1.0
  EXPECT_EQ(words, (std::vector<float>{1.0F, 0.0F}));
}

}  // namespace
}  // namespace mote::kernels
