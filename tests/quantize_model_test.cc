// `mote quantize`: float models of foreign tools to int8, and what is refused.
#include "host/driver/quantize.h"

#include <gtest/gtest.h>

#include "host/driver/compile.h"
#include "host/driver/records.h"
#include "host/export/tflite.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
const fs::path kVectors = fs::path(MOTE_SOURCE_DIR) / "tests" / "vectors";

Graph model(const char* name) {
  auto graph = load_model(kVectors / name);
  EXPECT_TRUE(graph.ok()) << graph.error().text();
  return std::move(graph).value();
}

TEST(QuantizeModel, FloatNetworksOfOnnxBecomeInt8) {
  for (const char* name : {"onnx/float_cnn.onnx", "onnx/float_residual.onnx", "onnx/float_grouped.onnx"}) {
    SCOPED_TRACE(name);
    const Graph graph = model(name);
    const auto calibration = noise_records(graph, 40, 1);
    const auto test = noise_records(graph, 20, 2);
    auto made = quantize_model(graph, calibration, test);
    ASSERT_TRUE(made.ok()) << made.error().text();
    EXPECT_TRUE(made.value().left.empty());
    EXPECT_GT(made.value().sqnr_db, 20);
    EXPECT_LT(made.value().sqnr_db, 80) << "8 bits cannot be that exact";
    EXPECT_LT(made.value().bytes_int8, made.value().bytes_float);
    for (const Node& node : made.value().graph.nodes) {
      EXPECT_NE(made.value().graph.tensor(node.outputs[0]).type, DType::f32) << node.name;
    }
    // What is written is what was made.
    auto bytes = export_tflite(made.value().graph);
    ASSERT_TRUE(bytes.ok()) << bytes.error().text();
    auto read = import_tflite(bytes.value(), "made.tflite");
    ASSERT_TRUE(read.ok()) << read.error().text();
    auto a = Interpreter::create(made.value().graph);
    auto b = Interpreter::create(read.value());
    ASSERT_TRUE(a.ok() && b.ok());
    for (const auto& record : noise_records(read.value(), 5, 3)) {
      EXPECT_EQ(a.value().run(record).value(), b.value().run(record).value());
    }
  }
}

TEST(QuantizeModel, ANodeOfYourChoiceStaysInFloat) {
  const Graph graph = model("onnx/float_cnn.onnx");
  const auto records = noise_records(graph, 10, 1);
  QuantizeModelOptions options;
  options.keep_float = {"conv_2d"};
  auto made = quantize_model(graph, records, records, options);
  ASSERT_TRUE(made.ok()) << made.error().text();
  int convolutions = 0;
  for (const Node& node : made.value().graph.nodes) {
    if (node.kind != OpKind::conv_2d) continue;
    ++convolutions;
    EXPECT_EQ(made.value().graph.tensor(node.inputs[1]).type, DType::f32);
  }
  EXPECT_GT(convolutions, 0);
  options.keep_float = {"conv2d"};
  auto unknown = quantize_model(graph, records, records, options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().text().find("'conv2d'"), std::string::npos) << unknown.error().text();
}

TEST(QuantizeModel, EachLayerIsJudgedAloneInInt8AndAloneInFloat) {
  const Graph graph = model("onnx/float_cnn.onnx");
  const auto records = noise_records(graph, 10, 1);
  QuantizeModelOptions options;
  options.each_layer = true;
  auto made = quantize_model(graph, records, records, options);
  ASSERT_TRUE(made.ok()) << made.error().text();
  for (const LayerLoss& layer : made.value().layers) {
    EXPECT_GE(layer.score_only, made.value().sqnr_db - 6) << layer.op << ": one int8 layer hurts less than all of them";
    EXPECT_GT(layer.score_but, 0) << layer.op;
  }
}

TEST(QuantizeModel, WhatIsQuantisedAlreadyIsRefused) {
  const Graph graph = model("onnx/quantized_qdq_int8.onnx");
  auto made = quantize_model(graph, {}, {});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().fix.find("compile it as it is"), std::string::npos) << made.error().text();
  EXPECT_FALSE(quantize_model(model("onnx/float_cnn.onnx"), {}, {}).ok()) << "no inputs, no ranges";
}

}  // namespace
}  // namespace mote
