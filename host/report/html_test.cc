// Pages and figures: well formed whatever goes in, marks where the values are.
#include "host/report/html.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace mote {
namespace {

constexpr const char* kHostile = "</title><script>alert(1)</script>\"' & \xFF";

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t out = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++out;
  return out;
}

// Every element that is opened is closed, in order (but those of HTML that have no end).
void expect_well_formed(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
    if (tag[0] == '!' || name == "meta" || name == "img" || tag.back() == '/') continue;
    if (tag[0] != '/') {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << tag;
    EXPECT_EQ(open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Html, APageOfEverythingIsWellFormedAndLoadsNothing) {
  HtmlPage page(kHostile, kHostile);
  page.section(kHostile);
  page.paragraph(kHostile);
  page.warning(kHostile);
  page.preformatted(kHostile);
  page.tiles({{kHostile, kHostile, kHostile}, {"a", "1", ""}});
  page.table({{kHostile, "n"}, {{kHostile, "1"}, {"total", "1"}}, 1, true});
  page.section("figures");
  page.figure(line_svg({kHostile, kHostile, kHostile}, {{kHostile, {}, {1, 2}}, {"b", {}, {3}}}), kHostile);
  page.figure(scatter_svg({kHostile, "", ""}, {{"a", {1, 2}, {1, 2}}}, {{kHostile}}));
  page.figure(bar_svg(kHostile, {{kHostile, 1, kHostile}}));
  page.figure(heat_svg({kHostile, kHostile, kHostile, {kHostile}, {kHostile}, {{1}}}));
  page.figure(flame_svg(kHostile, kHostile, {{kHostile, 0, 10}, {kHostile, 0, 5}}));
  page.figure(box_svg({kHostile, "", ""}, {{kHostile, kHostile, 0, 1, 0, 1}}));
  page.begin_details(kHostile);
  page.audio(kHostile, std::vector<std::uint8_t>{'R', 'I', 'F'});
  page.image(kHostile, std::vector<std::uint8_t>{1, 2});
  page.end_details();
  const std::string html = page.text();
  expect_well_formed(html);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http"), html.find("http://www.w3.org/2000/svg"));  // a name, which nothing fetches
  EXPECT_EQ(count(html, "http"), count(html, "http://www.w3.org/2000/svg"));
  EXPECT_NE(html.find("data:audio/wav;base64,UklG"), std::string::npos);
  EXPECT_EQ(html.find('\xFF'), std::string::npos);
}

TEST(Chart, ValuesThatAreNoNumbersAreLeftOut) {
  const Axes axes{"t", "x", "y"};
  const std::string svg = scatter_svg(axes, {{"a", {}, {1, NAN, INFINITY, 4}}});
  EXPECT_EQ(count(svg, "<circle"), 2U);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  for (const std::string& empty :
       {line_svg(axes, {}), line_svg(axes, {{"a", {}, {NAN}}}), bar_svg("t", {}), heat_svg({}), flame_svg("t", "", {}),
        box_svg(axes, {}), scatter_svg({"t", "", "", true, true}, {{"a", {0}, {-1}}})}) {
    EXPECT_NE(empty.find("no values"), std::string::npos) << empty;
  }
}

// The plane is 802 pixels wide from 78 on and 294 high up from 340.
TEST(Chart, PointsLieWhereTheirValuesAre) {
  const std::string svg = scatter_svg({"t", "x", "y"}, {{"a", {0, 5, 10}, {0, 50, 100}}});
  EXPECT_NE(svg.find("cx=\"78.0\" cy=\"340.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("cx=\"479.0\" cy=\"193.0\""), std::string::npos);
  EXPECT_NE(svg.find("cx=\"880.0\" cy=\"46.0\""), std::string::npos);
  const std::string log = scatter_svg({"t", "x", "y", true, true}, {{"a", {1, 10, 100}, {1, 10, 100}}});
  EXPECT_NE(log.find("cx=\"479.0\" cy=\"193.0\""), std::string::npos) << log;
}

TEST(Chart, LongSeriesKeepTheirExtremes) {
  std::vector<double> y(100000, 0.0);
  y[54321] = 7;
  const std::string svg = line_svg({"t", "x", "y"}, {{"a", {}, y}});
  EXPECT_LT(svg.size(), 60000U);
  EXPECT_NE(svg.find(" 46.0L"), std::string::npos);  // the peak is at the top
}

TEST(Chart, FlamesAreAsWideAsTheirValues) {
  const std::string svg =
      flame_svg("t", "cycles", {{"root", 0, 1000}, {"half", 0, 500}, {"tiny", 0, 0.1}, {"under half", 1, 250}});
  EXPECT_EQ(count(svg, "<rect"), 3U);
  EXPECT_NE(svg.find("width=\"884.0\""), std::string::npos);
  EXPECT_NE(svg.find("width=\"442.0\""), std::string::npos);
  EXPECT_NE(svg.find("under half: 250 cycles, 25.00%"), std::string::npos);
}

}  // namespace
}  // namespace mote
