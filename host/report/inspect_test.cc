#include "host/report/inspect.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/passes/testing.h"
#include "host/report/table.h"

namespace mote {
namespace {

// x [1,4,4,1] -> 3x3 convolution to 2 channels -> 1x1 convolution to 2 channels with the same bias.
Graph example() {
  testing::GraphBuilder b;
  b.graph.name = "tiny";
  b.graph.source = "tiny.tflite";
  const TensorId x = b.input(b.activation("image", {1, 4, 4, 1}, 0.0625F, -128));
  const TensorId k = b.constant<std::int8_t>("k", DType::s8, {2, 3, 3, 1}, std::vector<std::int8_t>(18, 1),
                                             {{0.5F, 0.25F}, {0, 0}, 0});
  const TensorId bias = b.constant<std::int32_t>("bias", DType::s32, {2}, {1, 2});
  const TensorId t = b.activation("model/conv1/Relu;model/conv1/BiasAdd", {1, 2, 2, 2}, 0.1F, 3);
  const TensorId k2 = b.constant<std::int8_t>("k2", DType::s8, {2, 1, 1, 2}, {1, 2, 3, 4}, {{0.5F}, {0}, 0});
  const TensorId y = b.activation("scores", {1, 2, 2, 2}, 0.125F, -7);
  b.node(OpKind::conv_2d, {x, k, bias}, {t});
  b.node(OpKind::conv_2d, {t, k2, bias}, {y});
  b.output(y);
  return b.graph;
}

TEST(Inspect, TableOfAGraphMadeByHand) {
  // Weights of the first operator: 18 + 8 bytes of bias; of the second: 4 + 8; the bias is one tensor: 30 in total.
  // MACs: 8 outputs of 9 products, 8 outputs of 2.
  EXPECT_EQ("\n" + inspect_table(example()), R"(
tiny.tflite

        tensor  type          bytes   scale  zero
-------------------------------------------------
input   image   s8 [1,4,4,1]     16  0.0625  -128
output  scores  s8 [1,2,2,2]      8   0.125    -7

#  operator  name              output        scale  zero  MACs  weights  kernel
-------------------------------------------------------------------------------------------
0  conv_2d   model/conv1/Relu  s8 [1,2,2,2]    0.1     3    72       26  s8_portable
1  conv_2d   scores            s8 [1,2,2,2]  0.125    -7    16       12  s8_portable
-------------------------------------------------------------------------------------------
   total                                                    88       30  + 20 bytes derived
)");
}

TEST(Inspect, NamesLoseTheFoldersTheyAllShare) {
  Graph g = example();
  g.nodes[1].name = "model/conv2/BiasAdd";
  const std::string text = inspect_table(g);
  EXPECT_NE(text.find("conv_2d   conv1/Relu     s8"), std::string::npos) << text;
  EXPECT_NE(text.find("conv_2d   conv2/BiasAdd  s8"), std::string::npos) << text;
}

TEST(Inspect, FitsTheWidthByCuttingNamesThenKernels) {
  for (const std::size_t width : {60U, 100U, 120U}) {
    InspectOptions options;
    options.max_width = width;
    std::string text = inspect_table(example(), options);
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      EXPECT_LE(end, width) << text.substr(0, end);
      text.erase(0, end + 1);
    }
  }
}

TEST(Inspect, Json) {
  const nlohmann::json json = inspect_json(example());
  EXPECT_EQ(json["totals"],
            (nlohmann::json{{"operators", 2}, {"macs", 88}, {"weight_bytes", 30}, {"derived_bytes", 20}}));
  EXPECT_EQ(json["inputs"][0]["name"], "image");
  EXPECT_EQ(json["inputs"][0]["zero_point"], (std::vector<int>{-128}));
  const nlohmann::json& op = json["operators"][0];
  EXPECT_EQ(op["operator"], "conv_2d");
  EXPECT_EQ(op["inputs"], (std::vector<std::string>{"image", "k", "bias"}));
  EXPECT_EQ(op["outputs"][0]["shape"], (std::vector<int>{1, 2, 2, 2}));
  EXPECT_EQ(op["kernels"], (std::vector<std::string>{"conv_2d_s8_portable"}));
  EXPECT_EQ(op["macs"], 72);
}

TEST(Inspect, SaysWhyAnOperatorHasNoKernel) {
  InspectOptions options;
  options.isas.names = {};  // a target without any instruction set
  const std::string text = inspect_table(example(), options);
  EXPECT_NE(text.find("none (see below)"), std::string::npos);
  EXPECT_NE(text.find("operator 0 CONV_2D 'model/conv1/Relu;model/conv1/BiasAdd': no kernel of family conv_2d_s8"),
            std::string::npos)
      << text;
  EXPECT_NE(inspect_json(example(), options)["operators"][1]["problem"], nullptr);
}

TEST(Table, CutsAndAligns) {
  Table table({{"n", Align::right}, {"name", Align::left, true}, {"x", Align::left}});
  table.add({"1", "abcdefghijkl", "u"});
  table.add({"100", "\xC3\xA4\xC3\xB6\xC3\xBC", "v"});  // three letters of two bytes each
  table.add_rule();
  table.add({"", "", "w"});
  EXPECT_EQ(table.text(40), R"(  n  name          x
--------------------
  1  abcdefghijkl  u
100  äöü           v
--------------------
                   w
)");
  EXPECT_EQ(table.text(18), R"(  n  name        x
------------------
  1  abcdefg...  u
100  äöü         v
------------------
                 w
)");
}

TEST(Table, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(-1000), "-1,000");
  EXPECT_EQ(grouped(2656768), "2,656,768");
}

}  // namespace
}  // namespace mote
