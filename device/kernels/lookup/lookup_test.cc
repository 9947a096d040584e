// Table lookup against hand-worked values.
#include "device/kernels/lookup/lookup.h"

#include <gtest/gtest.h>

namespace mote::kernels {
namespace {

TEST(Lookup, IndexesByTheByteInMemoryAndWorksInPlace) {
  std::uint8_t table[256];
  for (int i = 0; i < 256; ++i) table[i] = static_cast<std::uint8_t>(255 - i);
  std::int8_t values[] = {0, 127, -128, -1, 5};
  lookup_x8_portable({4}, values, table, values);
  EXPECT_EQ(values[0], -1);    // 255 - 0
  EXPECT_EQ(values[1], -128);  // 255 - 127
  EXPECT_EQ(values[2], 127);   // 255 - 128
  EXPECT_EQ(values[3], 0);     // 255 - 255
  EXPECT_EQ(values[4], 5);     // beyond count
}

}  // namespace
}  // namespace mote::kernels
