// The text form: round trips, what a person may write, and where errors point.
#include "host/ir/text.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/import/tflite.h"

namespace mote {
namespace {

constexpr std::string_view kSmall = R"(graph "net" from "net.tflite"
tensor %0 "x" s8[1,2,2,1] quant(0.5@-1)
tensor %1 "k" s8[2,1,1,1] quant(axis 0: 0.25@0, 1e-30@0) hex 40ff
tensor %2 "y" s8[1,2,2,2] quant(1.0@3)
node conv_2d "y" at 0 (%0, %1, none) -> (%2) {activation "relu", alpha 0.1, pads [1, -2], stride_h 1}
inputs (%0)
outputs (%2)
)";

Graph small() {
  Graph g;
  g.name = "net";
  g.source = "net.tflite";
  g.tensors = {{"x", DType::s8, {1, 2, 2, 1}, {{0.5F}, {-1}, 0}, false, {}},
               {"k", DType::s8, {2, 1, 1, 1}, {{0.25F, 1e-30F}, {0, 0}, 0}, true, {0x40, 0xFF}},
               {"y", DType::s8, {1, 2, 2, 2}, {{1.0F}, {3}, 0}, false, {}}};
  Node n{OpKind::conv_2d, "y", 0, {0, 1, kNoTensor}, {2}, {}};
  n.attrs.set("stride_h", std::int64_t{1});
  n.attrs.set("activation", std::string("relu"));
  n.attrs.set("alpha", 0.1);
  n.attrs.set("pads", std::vector<std::int64_t>{1, -2});
  g.nodes = {n};
  g.inputs = {0};
  g.outputs = {2};
  return g;
}

TEST(GraphText, PrintsWhatIsDocumented) { EXPECT_EQ(print_graph(small()), kSmall); }

TEST(GraphText, ReadsWhatIsDocumented) {
  const Result<Graph> g = parse_graph(kSmall);
  ASSERT_TRUE(g.ok()) << g.error().text();
  EXPECT_EQ(g.value(), small());
}

TEST(GraphText, EveryValueSurvives) {
  Graph g = small();
  g.name = "";
  g.source = "quote \" backslash \\ newline \n tab \t byte \x7F e acute \xC3\xA9 stray \xFF hash #";
  g.tensors[0].quant.scale = {0x1.fffffep-127F};  // rounds differently through double
  g.tensors[2].quant.scale = {std::numeric_limits<float>::denorm_min()};
  for (const DType type : {DType::f32, DType::u8, DType::s16, DType::s32, DType::s64, DType::boolean}) {
    g.tensors.push_back(
        {"", type, {}, {}, true, std::vector<std::uint8_t>(static_cast<std::size_t>(size_bytes(type)), 1)});
  }
  Node n = g.nodes[0];
  n.source_index = -1;
  n.attrs.set("not a word", std::string("a\nb"));
  n.attrs.set("infinite", -std::numeric_limits<double>::infinity());
  n.attrs.set("whole", 3.0);
  n.attrs.set("large", 1e300);
  n.attrs.set("tenth", static_cast<double>(0.1F));
  n.attrs.set("least", std::numeric_limits<std::int64_t>::min());
  n.attrs.set("none", std::vector<std::int64_t>{});
  g.nodes.push_back(n);
  const Result<Graph> back = parse_graph(print_graph(g));
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back.value(), g);
}

TEST(GraphText, LayoutIsFree) {
  std::string text(kSmall);
  text.insert(0, "# made by hand\n\n");
  for (std::size_t at = 0; (at = text.find(", ", at)) != std::string::npos; at += 4) text.replace(at, 2, "\r\n,\t");
  const Result<Graph> g = parse_graph(text);
  ASSERT_TRUE(g.ok()) << g.error().text();
  EXPECT_EQ(g.value(), small());
}

struct Mistake {
  std::string_view replace, by, where, what;
};

TEST(GraphText, ErrorsPointAtTheMistake) {
  const Mistake mistakes[] = {
      {"graph", "grave", "line 1, column 1", "'graph'"},
      {"from \"net.tflite\"", "from \"net.tflite", "line 1, column 18", "closing quote"},
      {"s8[1,2,2,1]", "s9[1,2,2,1]", "line 2, column 15", "'s9'"},
      {"s8[1,2,2,1]", "s8[1,2,,1]", "line 2, column 22", "integer"},
      {"s8[1,2,2,1]", "s8[1,2,99999999999999999999,1]", "line 2, column 22", "integer"},
      {"%2 \"y\"", "%3 \"y\"", "line 4, column 9", "%2"},
      {"0.5@-1", "0.5@-", "line 2, column 37", "zero point"},
      {"0.5@-1", "0,5@-1", "line 2, column 34", "'@'"},
      {"hex 40ff", "hex 40f", "line 3, column 64", "hexadecimal"},
      {"hex 40ff", "hex 40gf", "line 3, column 64", "hexadecimal"},
      {"node conv_2d", "node conv_7d", "line 5, column 6", "'conv_7d'"},
      {"(%0, %1, none)", "(%0, %1, some)", "line 5, column 32", "none"},
      {"alpha 0.1", "alpha 0.1x", "line 5, column 72", "number"},
      {"alpha 0.1", "pads [2]", "line 5, column 76", "twice"},
      {"outputs (%2)\n", "outputs (%2", "line 7, column 12", "')'"},
      {"outputs", "inputs", "line 7, column 1", "second"},
  };
  for (const Mistake& m : mistakes) {
    std::string text(kSmall);
    text.replace(text.find(m.replace), m.replace.size(), m.by);
    const Result<Graph> g = parse_graph(text);
    ASSERT_FALSE(g.ok()) << m.by;
    EXPECT_EQ(g.error().where, m.where) << m.by << ": " << g.error().text();
    EXPECT_NE(g.error().what.find(m.what), std::string::npos) << m.by << ": " << g.error().text();
  }
}

TEST(GraphText, EveryTruncationIsRefusedOrShorter) {
  const std::size_t first_tensor = kSmall.find("tensor");
  for (std::size_t n = 0; n < kSmall.size(); ++n) {
    const Result<Graph> g = parse_graph(kSmall.substr(0, n));
    if (g.ok()) {
      EXPECT_GE(n, first_tensor - 1);
      EXPECT_TRUE(n + 1 == kSmall.size() || g.value() != small()) << n;
    }
  }
}

TEST(GraphText, SharedModelsRoundTrip) {
  const std::filesystem::path shared = MOTE_SOURCE_DIR "/../shared";
  if (!std::filesystem::exists(shared)) GTEST_SKIP() << "no models beside the source tree";
  int read = 0;
  for (const char* folder : {"mlperf_tiny/models", "models"}) {
    for (const auto& entry : std::filesystem::directory_iterator(shared / folder)) {
      if (entry.path().extension() != ".tflite") continue;
      const auto bytes = read_file(entry.path());
      ASSERT_TRUE(bytes.ok());
      const Result<Graph> g = import_tflite(bytes.value(), entry.path().string());
      if (!g.ok()) continue;  // an operator that is not supported; other tests say which
      ++read;
      const Result<Graph> back = parse_graph(print_graph(g.value()));
      ASSERT_TRUE(back.ok()) << entry.path() << back.error().text();
      EXPECT_EQ(back.value(), g.value()) << entry.path();
    }
  }
  EXPECT_GE(read, 4) << "the four MLPerf Tiny models at least";
}

}  // namespace
}  // namespace mote
