// What the importer makes of sound files; broken ones are in tests/hostile_test.cc.
#include "host/import/tflite.h"

#include <gtest/gtest.h>

#include "host/import/tflite_names.h"
#include "host/interpret/interpreter.h"
#include "tests/support/tflite_model.h"

namespace mote {
namespace {

using testing::ModelSpec;
using testing::small_conv;
using testing::write_tflite;

Graph imported(const ModelSpec& spec, const std::string& source = "dir/conv.tflite") {
  Result<Graph> g = import_tflite(write_tflite(spec), source);
  EXPECT_TRUE(g.ok()) << (g.ok() ? "" : g.error().text());
  return g.ok() ? g.value() : Graph{};
}

TEST(Tflite, ReadsEveryPartOfAConvolution) {
  const Graph g = imported(small_conv());
  EXPECT_EQ(g.name, "conv");
  EXPECT_EQ(g.source, "dir/conv.tflite");
  ASSERT_EQ(g.tensors.size(), 4U);
  EXPECT_EQ(g.tensors[0].name, "x");
  EXPECT_EQ(g.tensors[0].shape, (Shape{1, 2, 2, 1}));
  EXPECT_EQ(g.tensors[0].quant, (Quant{{0.5F}, {-1}, 0}));
  EXPECT_FALSE(g.tensors[0].is_constant);
  EXPECT_TRUE(g.tensors[2].is_constant);
  EXPECT_EQ(g.tensors[2].type, DType::s32);
  EXPECT_EQ(g.tensors[2].data, (Bytes{8, 0, 0, 0}));
  ASSERT_EQ(g.nodes.size(), 1U);
  EXPECT_EQ(g.nodes[0].kind, OpKind::conv_2d);
  EXPECT_EQ(g.nodes[0].name, "y");
  EXPECT_EQ(g.nodes[0].source_index, 0);
  EXPECT_EQ(g.nodes[0].inputs, (std::vector<TensorId>{0, 1, 2}));
  EXPECT_EQ(g.nodes[0].attrs.string("padding", ""), "valid");
  EXPECT_EQ(g.nodes[0].attrs.string("activation", ""), "relu");
  EXPECT_EQ(g.inputs, std::vector<TensorId>{0});
  EXPECT_EQ(g.outputs, std::vector<TensorId>{3});
}

// By hand: y = max(0, (0.5 (q + 1)) * 16 + 1) in steps of 1 from zero point 3, clamped to 127.
TEST(Tflite, ImportedModelRuns) {
  Result<Interpreter> run = Interpreter::create(imported(small_conv()));
  ASSERT_TRUE(run.ok());
  const Result<std::vector<Bytes>> y = run.value().run({{0, 9, 0xF0, 20}});
  ASSERT_TRUE(y.ok());
  EXPECT_EQ(y.value(), (std::vector<Bytes>{{12, 84, 3, 127}}));
}

TEST(Tflite, TensorsThatNothingUsesAreDropped) {
  ModelSpec m = small_conv();
  m.tensors.insert(m.tensors.begin(), {.name = "left over", .shape = {0, -7}, .type = tflite::TensorType::STRING});
  m.operators[0].inputs = {1, 2, 3};
  m.operators[0].outputs = {4};
  m.inputs = {1};
  m.outputs = {4};
  const Graph g = imported(m);
  ASSERT_EQ(g.tensors.size(), 4U);
  EXPECT_EQ(g.tensors[0].name, "x");
}

TEST(Tflite, AbsentOptionalInputStaysInPlace) {
  ModelSpec m = small_conv();
  m.operators[0].inputs = {0, 1, -1};
  const Graph g = imported(m);
  ASSERT_EQ(g.nodes.size(), 1U);
  EXPECT_EQ(g.nodes[0].inputs, (std::vector<TensorId>{0, 1, kNoTensor}));
}

TEST(Tflite, ConstantsMayLieBehindTheFlatbuffer) {
  ModelSpec m = small_conv();
  m.tensors[2].data.clear();
  m.tensors[2].outside_offset = 1;  // fixed size first, to learn the file's length
  m.tensors[2].outside_size = 4;
  std::vector<std::uint8_t> file = write_tflite(m);
  m.tensors[2].outside_offset = file.size();
  file = write_tflite(m);
  file.insert(file.end(), {8, 0, 0, 0});
  const Result<Graph> g = import_tflite(file, "conv.tflite");
  ASSERT_TRUE(g.ok()) << g.error().text();
  EXPECT_EQ(g.value().tensors[2].data, (Bytes{8, 0, 0, 0}));
}

TEST(Tflite, DynamicBatchIsTakenAsOne) {
  ModelSpec m = small_conv();
  m.tensors[0].shape_signature = {-1, 2, 2, 1};
  EXPECT_EQ(imported(m).tensors.at(0).shape, (Shape{1, 2, 2, 1}));
}

TEST(Tflite, BiasQuantisedAlongItsWeightsAxis) {
  ModelSpec m = small_conv();
  m.tensors[1] = {.name = "k", .shape = {2, 1, 1, 1}, .scale = {0.25F, 0.5F}, .zero_point = {0, 0}, .data = {1, 2}};
  m.tensors[2] = {.name = "b",
                  .shape = {2},
                  .type = tflite::TensorType::INT32,
                  .scale = {0.125F, 0.25F},
                  .zero_point = {0, 0},
                  .axis = 3,
                  .data = std::vector<std::uint8_t>(8)};
  m.tensors[3].shape = {1, 2, 2, 2};
  const Graph g = imported(m);
  ASSERT_EQ(g.tensors.size(), 4U);
  EXPECT_EQ(g.tensors[2].quant.axis, 0);
  EXPECT_EQ(g.tensors[2].quant.scale, (std::vector<float>{0.125F, 0.25F}));
}

TEST(Tflite, ConstantsOfFourBitsGetAByteEach) {
  ModelSpec m = small_conv();
  m.tensors[1] = {.name = "k",
                  .shape = {3, 1, 1, 1},
                  .type = tflite::TensorType::INT4,
                  .scale = {0.5F},
                  .zero_point = {0},
                  .data = {0x8F, 0xA7}};  // the lower half first; the last upper half belongs to nothing
  m.tensors[2] = {.name = "b", .shape = {3}, .type = tflite::TensorType::INT32, .data = std::vector<std::uint8_t>(12)};
  m.tensors[3].shape = {1, 2, 2, 3};
  const Graph g = imported(m);
  ASSERT_EQ(g.tensors.size(), 4U);
  EXPECT_EQ(g.tensors[1].type, DType::s8);
  EXPECT_EQ(g.tensors[1].data, (Bytes{0xFF, 0xF8, 7}));  // -1, -8, 7
}

TEST(Tflite, FourBitsAreForConstantsOfTheRightSize) {
  ModelSpec m = small_conv();
  m.tensors[0].type = tflite::TensorType::INT4;
  Result<Graph> g = import_tflite(write_tflite(m), "conv.tflite");
  ASSERT_FALSE(g.ok());
  EXPECT_EQ(g.error().what, "has the type INT4, which is supported for constants only");

  m = small_conv();
  m.tensors[1].type = tflite::TensorType::INT4;
  m.tensors[1].data = {1, 2};
  g = import_tflite(write_tflite(m), "conv.tflite");
  ASSERT_FALSE(g.ok());
  EXPECT_EQ(g.error().what.rfind("is a constant INT4[1,1,1,1] of 1 bytes, but its buffer", 0), 0U) << g.error().what;
}

TEST(Tflite, BytesMayLieAtAnyAddress) {
  const std::vector<std::uint8_t> file = write_tflite(small_conv());
  for (std::size_t shift = 1; shift < 8; ++shift) {
    std::vector<std::uint8_t> moved(shift);
    moved.insert(moved.end(), file.begin(), file.end());
    EXPECT_TRUE(import_tflite(std::span(moved).subspan(shift), "conv.tflite").ok()) << shift;
  }
}

TEST(Tflite, NamesAreMadeHarmless) {
  ModelSpec m = small_conv();
  m.tensors[0].name = "a\nb\xFF\xC3\xA9\xED\xA0\x80";  // a newline, a stray byte, e acute, a surrogate
  m.tensors[1].name = "";
  m.tensors[3].name = std::string(5000, 'z');
  const Graph g = imported(m);
  ASSERT_EQ(g.tensors.size(), 4U);
  EXPECT_EQ(g.tensors[0].name, "a?b?\xC3\xA9???");
  EXPECT_EQ(g.tensors[1].name, "tensor_1");
  EXPECT_EQ(g.tensors[3].name, std::string(200, 'z') + "...");
}

TEST(Tflite, GraphNameIsAnIdentifier) {
  const auto name = [](const std::string& source) { return imported(small_conv(), source).name; };
  EXPECT_EQ(name("a/b/kws_ref_model_int8.tflite"), "kws_ref_model_int8");
  EXPECT_EQ(name("my model (final)-2.1.tflite"), "my_model_final_2_1");
  EXPECT_EQ(name("__x__y.tflite"), "x_y");
  EXPECT_EQ(name("3d.tflite"), "model_3d");
  EXPECT_EQ(name("int.tflite"), "int_model");
  EXPECT_EQ(name("\xC3\xA9.tflite"), "model");
  EXPECT_EQ(name(""), "model");
  EXPECT_EQ(name("C:\\models\\net.tflite"), "net");
}

TEST(Tflite, OperatorNames) {
  EXPECT_EQ(tflite_operator_name(0), "ADD");
  EXPECT_EQ(tflite_operator_name(114), "QUANTIZE");
  EXPECT_EQ(tflite_operator_name(150), "GELU");
  EXPECT_EQ(tflite_operator_name(209), "STABLEHLO_CASE");
  EXPECT_EQ(tflite_operator_name(210), "builtin operator 210");
  EXPECT_EQ(tflite_operator_name(-1), "builtin operator -1");
}

}  // namespace
}  // namespace mote
