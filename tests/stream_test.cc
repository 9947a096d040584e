// A model over a window, run hop by hop, against the whole window at every hop.
#include <deque>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "host/driver/compile.h"
#include "host/interpret/interpreter.h"
#include "host/interpret/run_program.h"
#include "host/ops/op.h"
#include "host/passes/pass.h"
#include "host/passes/stream.h"
#include "host/passes/testing.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

using testing::GraphBuilder;
using Attributes = std::vector<std::pair<std::string, AttrValue>>;

// x [1,9,2,4] -> conv over 3 rows -> relu -> depthwise over 4 rows -> reshape to a row -> fully_connected.
Graph small_window(const std::string& padding) {
  GraphBuilder b;
  std::mt19937 rng(7);
  const auto weights = [&](std::size_t n) {
    std::vector<std::int8_t> out(n);
    for (auto& v : out) v = static_cast<std::int8_t>(rng() % 255 - 127);
    return out;
  };
  const Quant fine = {{0.01F}, {0}, 0};
  const bool same = padding == "same";
  const TensorId x = b.input(b.activation("x", {1, 9, 2, 4}, 0.05F, 3));
  const TensorId k = b.constant("k", DType::s8, {4, 3, 1, 4}, weights(48), fine);
  const TensorId c = b.activation("c", {1, same ? 9 : 7, 2, 4}, 0.1F, -2);
  b.node(OpKind::conv_2d, {x, k}, {c},
         {{"padding", padding}, {"stride_h", std::int64_t{1}}, {"stride_w", std::int64_t{1}}});
  const TensorId r = b.activation("r", {1, same ? 9 : 7, 2, 4}, 0.1F, -2);
  b.node(OpKind::relu, {c}, {r});
  const TensorId d = b.constant("d", DType::s8, {1, 4, 1, 4}, weights(16), fine);
  const TensorId e = b.activation("e", {1, same ? 6 : 4, 2, 4}, 0.1F, 5);
  b.node(OpKind::depthwise_conv_2d, {r, d}, {e},
         {{"padding", std::string("valid")}, {"stride_h", std::int64_t{1}}, {"stride_w", std::int64_t{1}}});
  const std::int32_t flat = same ? 48 : 32;
  const TensorId shape = b.constant<std::int32_t>("shape", DType::s32, {2}, {1, flat});
  const TensorId f = b.activation("f", {1, flat}, 0.1F, 5);
  b.node(OpKind::reshape, {e, shape}, {f});
  const TensorId w = b.constant("w", DType::s8, {3, flat}, weights(static_cast<std::size_t>(3 * flat)), fine);
  const TensorId y = b.output(b.activation("y", {1, 3}, 0.2F, 1));
  b.node(OpKind::fully_connected, {f, w}, {y});
  return b.graph;
}

// Runs `hops` hops of noise through both; the whole window begins quiet.
void expect_same(const Graph& window, std::int64_t hop, int hops) {
  auto stream = stream_graph(window, hop);
  ASSERT_TRUE(stream.ok()) << stream.error().text();
  Graph graph = std::move(stream).value();
  const Graph plain = graph;
  const Status passes = run_passes(graph, {});
  ASSERT_TRUE(passes.ok()) << passes.error().text();
  auto program = lower_graph(graph, IsaSet{});
  ASSERT_TRUE(program.ok()) << program.error().text();
  const Status plan = plan_memory(program.value());
  ASSERT_TRUE(plan.ok()) << plan.error().text();

  auto whole = Interpreter::create(window);
  auto step = Interpreter::create(plain);
  ASSERT_TRUE(whole.ok() && step.ok());
  const Tensor& x = window.tensor(window.inputs[0]);
  const auto row = static_cast<std::size_t>(x.size_bytes() / x.shape[1]);
  Bytes last(static_cast<std::size_t>(x.size_bytes()), static_cast<std::uint8_t>(x.quant.zero_point.at(0)));
  std::mt19937 rng(11);
  std::vector<std::vector<Bytes>> records;
  std::vector<std::vector<Bytes>> want;
  for (int i = 0; i < hops; ++i) {
    Bytes fresh(row * static_cast<std::size_t>(hop));
    for (auto& v : fresh) v = static_cast<std::uint8_t>(rng());
    last.erase(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(fresh.size()));
    last.insert(last.end(), fresh.begin(), fresh.end());
    want.push_back(whole.value().run({last}).value());
    EXPECT_EQ(step.value().run({fresh}).value(), want.back()) << "hop " << i;
    records.push_back({fresh});
  }
  auto got = run_sequence(program.value(), records);
  ASSERT_TRUE(got.ok()) << got.error().text();
  EXPECT_EQ(got.value(), want);
}

TEST(Stream, EveryHopGivesWhatTheWholeWindowGives) {
  for (const std::int64_t hop : {1, 2, 3}) expect_same(small_window("valid"), hop, 20);
}

TEST(Stream, LayersWithPaddingGetTheWholeOfTime) {
  const auto refused = stream_graph(small_window("same"), 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().text().find("operator 0 CONV_2D"), std::string::npos) << refused.error().text();
}

TEST(Stream, RefusesWhatIsNoHop) {
  for (const std::int64_t hop : {-1, 0, 9, 100}) EXPECT_FALSE(stream_graph(small_window("valid"), hop).ok()) << hop;
  auto stream = stream_graph(small_window("valid"), 1);
  ASSERT_TRUE(stream.ok());
  const auto again = stream_graph(stream.value(), 1);
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().text().find("has state already"), std::string::npos);
}

TEST(Stream, WakeWordOfMlperfTiny) {
  const std::filesystem::path model =
      std::filesystem::path(MOTE_SOURCE_DIR) / "../shared/mlperf_tiny/models/sww_str_ww_ref_model_int8.tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not there";
  auto window = load_model(model);
  ASSERT_TRUE(window.ok()) << window.error().text();
  expect_same(window.value(), 1, 40);
  auto stream = stream_graph(window.value(), 1);
  ASSERT_TRUE(stream.ok());
  std::int64_t macs = 0;
  for (const Node& node : stream.value().nodes) macs += op_row(node.kind).def->macs(stream.value(), node);
  EXPECT_EQ(macs, 46'040);  // of 826,368 for the window: counted by hand from the layers' kernels
}

}  // namespace
}  // namespace mote
