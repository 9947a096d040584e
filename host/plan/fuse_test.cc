// Schedules of fused runs worked out by hand, run in one arena, and broken on purpose.
#include "host/plan/fuse.h"

#include <gtest/gtest.h>

#include "host/interpret/run_program.h"
#include "host/passes/testing.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

Quant per_channel(std::int64_t channels, std::int32_t axis) {
  const auto n = static_cast<std::size_t>(channels);
  return {std::vector<float>(n, 0.02F), std::vector<std::int32_t>(n, 0), axis};
}

std::vector<std::int8_t> weights(std::int64_t count) {
  std::vector<std::int8_t> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<std::int8_t>(i * 37 % 101 - 50));  // in [-50, 50]
  return out;
}

TensorId convolve(testing::GraphBuilder& b, TensorId x, const std::string& name, std::int64_t size,
                  std::int64_t channels) {
  const Shape in = b.graph.tensor(x).shape;
  const Shape k = {channels, size, size, in[3]};
  const TensorId w = b.constant("k" + name, DType::s8, k, weights(elements(k)), per_channel(channels, 0));
  const TensorId y = b.activation(name, {1, in[1], in[2], channels}, 0.4F, 3);
  b.node(OpKind::conv_2d, {x, w}, {y},
         {{"stride_h", std::int64_t{1}}, {"stride_w", std::int64_t{1}}, {"padding", std::string("same")}});
  return y;
}

// Pointwise 8x8x2 -> 8x8x4, then depthwise 3x3 with stride 2 -> 4x4x4.
Graph pointwise_then_depthwise() {
  testing::GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 8, 8, 2}, 0.5F, -4));
  const TensorId t = convolve(b, x, "t", 1, 4);
  const TensorId k = b.constant("kd", DType::s8, {1, 3, 3, 4}, weights(36), per_channel(4, 3));
  const TensorId y = b.output(b.activation("y", {1, 4, 4, 4}, 0.6F, -7));
  b.node(OpKind::depthwise_conv_2d, {t, k}, {y},
         {{"stride_h", std::int64_t{2}}, {"stride_w", std::int64_t{2}}, {"padding", std::string("same")}});
  return b.graph;
}

// x -> 3x3 -> t1 -> 3x3 -> t2, y = t2 + x.
Graph residual() {
  testing::GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 9, 4, 4}, 0.5F, -4));
  const TensorId t1 = convolve(b, x, "t1", 3, 4);
  const TensorId t2 = convolve(b, t1, "t2", 3, 4);
  const TensorId y = b.output(b.activation("y", {1, 9, 4, 4}, 0.7F, 1));
  b.node(OpKind::add, {t2, x}, {y});
  return b.graph;
}

Program fused(const Graph& g, std::int64_t band) {
  auto program = lower_graph(g, IsaSet{});
  EXPECT_TRUE(program.ok());
  auto run = fuse_rows(program.value(), 0, g.nodes.size() - 1, band, IsaSet{});
  EXPECT_TRUE(run);
  if (run) program.value().fused.push_back(*std::move(run));
  const Status planned = plan_memory(program.value());
  EXPECT_TRUE(planned.ok()) << planned.error().text();
  return std::move(program).value();
}

void expect_same_as_whole(const Graph& g, Program& program) {
  auto interpreter = Interpreter::create(g);
  ASSERT_TRUE(interpreter.ok());
  std::mt19937 rng(5);
  for (int i = 0; i < 5; ++i) {
    const std::vector<Bytes> inputs = {testing::random_bytes(g.tensor(g.inputs[0]), rng)};
    auto want = interpreter.value().run(inputs);
    auto got = run_program(program, inputs);
    ASSERT_TRUE(want.ok() && got.ok());
    EXPECT_EQ(got.value(), want.value());
  }
}

// Row r of the output is made from rows 2r to 2r+2, the ninth of which is padding: the first turn makes three rows, the
// next two each two more, the last one; one row is carried over.
TEST(Fuse, ScheduleOfAStridedWindow) {
  const Graph g = pointwise_then_depthwise();
  Program p = fused(g, 1);
  const Fused& run = p.fused.at(0);
  ASSERT_EQ(run.windows.size(), 1U);
  EXPECT_EQ(run.windows[0].rows, 3);
  ASSERT_EQ(run.phases.size(), 3U);
  const std::int64_t turns[] = {1, 2, 1};
  const std::int64_t made[] = {3, 2, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(run.phases[i].turns, turns[i]);
    EXPECT_EQ(run.phases[i].calls[0].spans[1].count, made[i]);  // rows of t
    EXPECT_EQ(run.phases[i].calls[1].spans[0].count, i == 2 ? 2 : 3);
    ASSERT_EQ(run.phases[i].calls.size(), i == 2 ? 2U : 3U);
    if (i == 2) continue;
    EXPECT_EQ(run.phases[i].calls[2].spans[0].count, 1);  // carried
  }
  // x: 16 bytes to a row, y: 16 bytes. y may begin where x begins: the first turn reads three rows before it writes
  // one.
  EXPECT_EQ(fused_lead(p, run, g.inputs[0]), 0);
  EXPECT_EQ(p.placement.arena_bytes, 8 * 16 + 3 * 32);  // x with y in it, three of eight rows of t
  expect_same_as_whole(g, p);
}

TEST(Fuse, BandsOfSeveralRows) {
  const Graph g = pointwise_then_depthwise();
  for (const std::int64_t band : {2, 3, 4, 100}) {
    Program p = fused(g, band);
    EXPECT_EQ(p.fused[0].windows[0].rows, std::min<std::int64_t>(8, 2 * band + 1));
    expect_same_as_whole(g, p);
  }
}

// Row r needs t1 up to row r+1 and x up to row r+2; the sum takes the place of row r of x, which nothing needs then.
TEST(Fuse, ResidualBlockTakesThePlaceOfItsInput) {
  const Graph g = residual();
  Program p = fused(g, 1);
  const Fused& run = p.fused.at(0);
  ASSERT_EQ(run.windows.size(), 2U);
  EXPECT_EQ(run.windows[0].rows, 3);
  EXPECT_EQ(run.windows[1].rows, 1);
  EXPECT_EQ(fused_lead(p, run, g.inputs[0]), 0);
  EXPECT_EQ(p.placement.arena_bytes, (9 + 3 + 1) * 16);
  expect_same_as_whole(g, p);
}

TEST(Fuse, WhatIsNeededElsewhereStaysWhole) {
  Graph g = residual();
  g.outputs.push_back(g.nodes[0].outputs[0]);
  auto program = lower_graph(g, IsaSet{});
  ASSERT_TRUE(program.ok());
  EXPECT_FALSE(fuse_rows(program.value(), 0, 2, 1, IsaSet{}));
  EXPECT_TRUE(fuse_rows(program.value(), 1, 2, 1, IsaSet{}));
}

TEST(Fuse, CheckerFindsAWindowTooSmall) {
  Program p = fused(residual(), 1);
  --p.fused[0].windows[0].rows;
  const Status status = check_placement(p);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().what.find("beyond the rows it has"), std::string::npos) << status.error().text();
}

TEST(Fuse, CheckerFindsOneByteLessLead) {
  const Graph g = residual();
  Program p = fused(g, 1);
  for (std::int64_t& offset : p.placement.tensor_offset) offset += offset < 0 ? 0 : 1;
  p.placement.arena_bytes += 1;
  EXPECT_TRUE(check_placement(p).ok());
  --p.placement.tensor_offset[static_cast<std::size_t>(g.inputs[0])];  // y is ahead of x by a byte
  EXPECT_FALSE(check_placement(p).ok());
}

TEST(Fuse, CheckerFindsAForgottenCarry) {
  Program p = fused(pointwise_then_depthwise(), 1);
  p.fused[0].phases[0].calls.pop_back();
  const Status status = check_placement(p);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().what.find("has lost row 2"), std::string::npos) << status.error().text();
}

}  // namespace
}  // namespace mote
