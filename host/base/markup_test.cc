// Escaping of hostile text, base64 against RFC 4648.
#include "host/base/markup.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote {
namespace {

TEST(Markup, EscapesWhatHasAMeaning) {
  EXPECT_EQ(escape_markup("<script>alert(\"&'\")</script>"),
            "&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;");
  EXPECT_EQ(escape_markup("Gr\xC3\xB6\xC3\x9F"
                          "e \xF0\x9F\x98\x80"),
            "Gr\xC3\xB6\xC3\x9F"
            "e \xF0\x9F\x98\x80");
}

TEST(Markup, ReplacesWhatIsNoText) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escape_markup(std::string_view("a\0b\x1B", 4)), "a" + bad + "b" + bad);
  EXPECT_EQ(escape_markup("\xFF"), bad);
  EXPECT_EQ(escape_markup("\xC3"), bad);                      // cut
  EXPECT_EQ(escape_markup("\xC0\xBC"), bad + bad);            // '<', overlong
  EXPECT_EQ(escape_markup("\xED\xA0\x80"), bad + bad + bad);  // a surrogate
}

TEST(Markup, Base64OfTheStandardsExamples) {
  const auto of = [](std::string_view text) { return base64(std::vector<std::uint8_t>(text.begin(), text.end())); };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foo"), "Zm9v");
  EXPECT_EQ(of("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace mote
