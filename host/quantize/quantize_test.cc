// Scales and weights worked out by hand, and graphs whose int8 form is near their float form.
#include "host/quantize/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "host/ir/text.h"

namespace mote {
namespace {

Bytes floats(const std::vector<float>& v) {
  Bytes out(v.size() * sizeof(float));
  if (!v.empty()) std::memcpy(out.data(), v.data(), out.size());
  return out;
}

// y = softmax(x * [[1, -2], [0.5, 0]] + [0.25, -1]).
Graph dense() {
  Graph g;
  const auto add = [&](const char* name, Shape shape, const std::vector<float>& data) {
    Tensor t;
    t.name = name;
    t.type = DType::f32;
    t.shape = std::move(shape);
    t.is_constant = !data.empty();
    t.data = floats(data);
    return g.add_tensor(std::move(t));
  };
  g.name = "dense";
  const TensorId x = add("x", {1, 2}, {});
  const TensorId w = add("w", {2, 2}, {1, -2, 0.5F, 0});
  const TensorId b = add("b", {2}, {0.25F, -1});
  const TensorId y = add("y", {1, 2}, {});
  const TensorId p = add("p", {1, 2}, {});
  Node fc;
  fc.kind = OpKind::fully_connected;
  fc.name = "y";
  fc.inputs = {x, w, b};
  fc.outputs = {y};
  fc.attrs.set("activation", std::string("none"));
  fc.attrs.set("keep_num_dims", std::int64_t{0});
  Node softmax;
  softmax.kind = OpKind::softmax;
  softmax.name = "p";
  softmax.inputs = {y};
  softmax.outputs = {p};
  softmax.attrs.set("beta", 1.0);
  g.nodes = {fc, softmax};
  g.inputs = {x};
  g.outputs = {p};
  return g;
}

TEST(Quantize, ARangeIsWidenedToHoldZero) {
  const Quant q = activation_quant({1, 5.1F});
  EXPECT_FLOAT_EQ(q.scale[0], 0.02F);
  EXPECT_EQ(q.zero_point[0], -128);
  EXPECT_EQ(activation_quant({-1, 1}).zero_point[0], -1);  // 2 / 255 in float is a little more
  EXPECT_GT(activation_quant({0, 0}).scale[0], 0);
}

TEST(Quantize, WeightsAreSymmetricPerChannelAndTheBiasFollows) {
  auto q = quantize_graph(dense(), {{0, {-1, 1}}, {3, {-3, 3}}});
  ASSERT_TRUE(q.ok()) << q.error().text();
  const Graph& g = q.value();
  const Tensor& w = g.tensor(g.nodes[0].inputs[1]);
  EXPECT_EQ(w.data, (Bytes{64, static_cast<std::uint8_t>(-127), 127, 0}));  // 63.5 to even
  EXPECT_FLOAT_EQ(w.quant.scale[0], 2.0F / 127);
  EXPECT_FLOAT_EQ(w.quant.scale[1], 0.5F / 127);
  const Tensor& b = g.tensor(g.nodes[0].inputs[2]);
  EXPECT_EQ(b.type, DType::s32);
  std::int32_t bias[2];
  std::memcpy(bias, b.data.data(), sizeof bias);
  EXPECT_EQ(bias[0], std::lround(0.25 / (2.0 / 255 * 2.0 / 127)));
  EXPECT_EQ(bias[1], std::lround(-1 / (2.0 / 255 * 0.5 / 127)));
  EXPECT_EQ(g.tensor(g.outputs[0]).quant, (Quant{{1.0F / 256}, {-128}, 0}));
}

TEST(Quantize, ALayerLeftInFloatStandsBetweenConversions) {
  QuantizeOptions options;
  options.selected = [](std::size_t node) { return node == 0; };
  auto q = quantize_graph(dense(), {{0, {-1, 1}}, {3, {-3, 3}}}, options);
  ASSERT_TRUE(q.ok()) << q.error().text();
  std::vector<OpKind> kinds;
  for (const Node& n : q.value().nodes) kinds.push_back(n.kind);
  EXPECT_EQ(kinds, (std::vector<OpKind>{OpKind::fully_connected, OpKind::dequantize, OpKind::softmax}));
  EXPECT_EQ(q.value().tensor(q.value().outputs[0]).type, DType::f32);
}

TEST(Quantize, AMissingRangeIsNamed) {
  auto q = quantize_graph(dense(), {{0, {-1, 1}}});
  ASSERT_FALSE(q.ok());
  EXPECT_NE(q.error().text().find("tensor 'y'"), std::string::npos) << q.error().text();
}

TEST(Quantize, CalibrationSeesTheValues) {
  const std::vector<std::vector<Bytes>> records = {{floats({1, 1})}, {floats({-1, 0})}};
  auto ranges = calibrate(dense(), records);
  ASSERT_TRUE(ranges.ok()) << ranges.error().text();
  // x = (1, 1): y = (1 - 2 + 0.25, 0.5 - 1); x = (-1, 0): y = (-0.75, -1.5).
  EXPECT_EQ(ranges.value().at(3), (Range{-1.5F, -0.5F}));
  EXPECT_FALSE(calibrate(dense(), {}).ok());
  EXPECT_FALSE(calibrate(dense(), {{floats({NAN, 0})}}).ok());
}

TEST(Quantize, APercentileLeavesOutARareExtreme) {
  std::vector<std::vector<Bytes>> records;
  for (int i = 0; i < 1000; ++i) records.push_back({floats({static_cast<float>(i % 100) / 100, 0})});
  records.push_back({floats({1000, 0})});
  auto all = calibrate(dense(), records);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all.value().at(0).max, 1000);
  auto most = calibrate(dense(), records, {.method = RangeMethod::percentile, .percentile = 99});
  ASSERT_TRUE(most.ok());
  EXPECT_LT(most.value().at(0).max, 2);
}

// Squared error of 256 steps over a range, value by value.
double rounding_error(const std::vector<float>& values, const Range& range) {
  const Quant q = activation_quant(range);
  double error = 0;
  for (const float v : values) {
    const double level = std::nearbyint(static_cast<double>(v) / q.scale[0]) + q.zero_point[0];
    const double back = (std::min(std::max(level, -128.0), 127.0) - q.zero_point[0]) * q.scale[0];
    error += (v - back) * (v - back);
  }
  return error;
}

TEST(Quantize, LeastErrorBeatsMinMaxOnATensorWithAnOutlier) {
  std::vector<float> values(400000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / static_cast<float>(values.size());
  values.back() = 1.5F;  // to keep this one, min/max makes the steps of all others half as wide again
  Graph g;
  const auto add = [&](const char* name) {
    Tensor t;
    t.name = name;
    t.type = DType::f32;
    t.shape = {1, static_cast<std::int64_t>(values.size())};
    return g.add_tensor(std::move(t));
  };
  Node relu;
  relu.kind = OpKind::relu;
  relu.name = "y";
  relu.inputs = {add("x")};
  relu.outputs = {add("y")};
  g.nodes = {relu};
  g.inputs = relu.inputs;
  g.outputs = relu.outputs;
  auto all = calibrate(g, {{floats(values)}});
  auto least = calibrate(g, {{floats(values)}}, {.method = RangeMethod::mse});
  ASSERT_TRUE(all.ok()) << all.error().text();
  ASSERT_TRUE(least.ok()) << least.error().text();
  EXPECT_EQ(all.value().at(1).max, 1.5F);
  EXPECT_LT(least.value().at(1).max, 1.4F);
  EXPECT_GT(least.value().at(1).max, 0.9F);
  EXPECT_LT(rounding_error(values, least.value().at(1)), 0.8 * rounding_error(values, all.value().at(1)));
}

TEST(Quantize, LossIsMeasuredLayerByLayer) {
  std::vector<std::vector<Bytes>> records;
  for (int i = -10; i <= 10; ++i) records.push_back({floats({static_cast<float>(i) / 10, 0.5F})});
  const auto score = [](const std::vector<std::vector<float>>& outputs) { return outputs.at(0).at(0) > 0 ? 1.0 : 0.0; };
  auto loss = measure_loss(dense(), {{0, {-1, 1}}, {3, {-3, 3}}}, {}, records, score, true);
  ASSERT_TRUE(loss.ok()) << loss.error().text();
  ASSERT_EQ(loss.value().layers.size(), 2U);
  EXPECT_GT(loss.value().layers[0].sqnr_db, 30);
  EXPECT_EQ(loss.value().score_float, 1);
}

}  // namespace
}  // namespace mote
