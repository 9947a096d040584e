// docs/operators.md is what the code says.
#include <filesystem>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/report/operators.h"

namespace mote {
namespace {

TEST(Operators, PageIsWhatTheCodeSays) {
  const auto page = read_text_file(std::filesystem::path(MOTE_SOURCE_DIR) / "docs" / "operators.md");
  ASSERT_TRUE(page.ok()) << page.error().text();
  EXPECT_EQ(page.value(), operators_markdown()) << "run: build/release/mote operators --markdown > docs/operators.md";
}

}  // namespace
}  // namespace mote
