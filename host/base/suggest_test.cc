// Suggestions for misspelt names.
#include "host/base/suggest.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Suggest, FindsTheNearestAndNothingWhenNoneIsNear) {
  const std::vector<std::string> known = {"mps2-an385", "mps2-an386", "riscv-virt"};
  EXPECT_EQ(nearest("mps-an386", known), "mps2-an386");
  EXPECT_EQ(nearest("riscv", known), "");
  EXPECT_EQ(nearest("riscvvirt", known), "riscv-virt");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest("esp32", known), "");
}

}  // namespace
}  // namespace mote
