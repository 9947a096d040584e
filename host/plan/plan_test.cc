// The planner on small programs, and the checker on plans broken on purpose.
#include "host/plan/plan.h"

#include <gtest/gtest.h>

#include "host/ops/infer.h"

namespace mote {
namespace {

Quant scale(float s, std::size_t channels = 1) {
  return {std::vector<float>(channels, s), std::vector<std::int32_t>(channels, 0), 0};
}

// A chain of 1x1 convolutions over a 4x4 image with the given channel counts.
Graph chain(const std::vector<std::int64_t>& channels) {
  Graph g;
  g.name = "chain";
  g.source = "chain.tflite";
  TensorId x = g.add_tensor({"in", DType::s8, {1, 4, 4, channels[0]}, scale(0.5F), false, {}});
  g.inputs = {x};
  for (std::size_t i = 1; i < channels.size(); ++i) {
    const auto size = static_cast<std::size_t>(channels[i] * channels[i - 1]);
    const TensorId k = g.add_tensor({"k" + std::to_string(i),
                                     DType::s8,
                                     {channels[i], 1, 1, channels[i - 1]},
                                     scale(0.5F),
                                     true,
                                     std::vector<std::uint8_t>(size, 1)});
    const TensorId y =
        g.add_tensor({"t" + std::to_string(i), DType::s8, {1, 4, 4, channels[i]}, scale(0.5F), false, {}});
    Node node;
    node.kind = OpKind::conv_2d;
    node.name = "t" + std::to_string(i);
    node.source_index = static_cast<std::int32_t>(i - 1);
    node.inputs = {x, k};
    node.outputs = {y};
    g.nodes.push_back(std::move(node));
    x = y;
  }
  g.outputs = {x};
  return g;
}

Program planned(const Graph& g) {
  EXPECT_TRUE(check_operators(g).ok());
  auto program = lower_graph(g, IsaSet{});
  EXPECT_TRUE(program.ok());
  EXPECT_TRUE(plan_memory(program.value()).ok());
  return std::move(program).value();
}

// Kernels that promise no order, so that nothing overlaps but in place.
Program planned_apart(const Graph& g) {
  static const auto kApart = [](const KernelRow& row) {
    KernelRow apart = row;
    apart.order = [](const void*) { return kernels::WalkOrder{}; };
    return apart;
  };
  Program p = planned(g);
  for (Lowered& lowered : p.nodes) {
    static const KernelRow kRow = kApart(*lowered.calls[0].row);
    lowered.calls[0].row = &kRow;
  }
  EXPECT_TRUE(plan_memory(p).ok());
  return p;
}

TEST(Plan, ChainNeedsItsTwoLargestNeighbours) {
  const Program p = planned_apart(chain({1, 4, 2, 8, 1}));
  EXPECT_EQ(p.placement.arena_bytes, 16 * (2 + 8));
  EXPECT_EQ(p.placement.lower_bound_bytes, 16 * (2 + 8));
}

// 1 to 4 channels: the output grows past its input and must lie apart from it (16 + 64). 4 to 2: a pixel behind, 64
// + 16. 2 to 8: after all but one of 16 pixels 30 bytes are read while 128 are written: 98 behind, 112 with the
// alignment.
TEST(Plan, OutputsReachIntoTheirInputs) {
  EXPECT_EQ(planned(chain({1, 4})).placement.arena_bytes, 16 + 64);
  EXPECT_EQ(planned(chain({4, 2})).placement.arena_bytes, 16 + 64);
  EXPECT_EQ(planned(chain({2, 8})).placement.arena_bytes, 112 + 32);
  EXPECT_EQ(planned(chain({1, 4, 2, 8, 1})).placement.arena_bytes, 112 + 32);
}

TEST(Plan, CheckerFindsAnOverlapOfInputAndOutput) {
  Program p = planned(chain({1, 4, 2, 8, 1}));
  p.placement.tensor_offset[static_cast<std::size_t>(p.graph.nodes[1].outputs[0])] =
      p.placement.tensor_offset[static_cast<std::size_t>(p.graph.nodes[1].inputs[0])];
  const Status status = check_placement(p);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().what.find("'t2' overwrites byte"), std::string::npos) << status.error().text();
}

TEST(Plan, CheckerFindsALostTensor) {
  // t1 is read by the last node again; a plan that forgot this lets t3 take its place.
  Graph g = chain({4, 4, 4, 4});
  const TensorId t1 = g.nodes[0].outputs[0];
  g.outputs.push_back(t1);
  Program p = planned_apart(g);
  EXPECT_EQ(p.placement.arena_bytes, 3 * 64);
  p.placement.tensor_offset[static_cast<std::size_t>(g.nodes[2].outputs[0])] =
      p.placement.tensor_offset[static_cast<std::size_t>(t1)];
  const Status status = check_placement(p);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().what.find("'t1' has lost byte"), std::string::npos) << status.error().text();
}

TEST(Plan, CheckerFindsATensorOutsideTheArena) {
  Program p = planned(chain({1, 4, 2}));
  p.placement.tensor_offset[static_cast<std::size_t>(p.graph.outputs[0])] = p.placement.arena_bytes - 1;
  const Status status = check_placement(p);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().what.find("outside the arena"), std::string::npos);
}

TEST(Plan, ScratchIsAliveWithItsNodeOnly) {
  Program p = planned_apart(chain({1, 4, 2, 8, 1}));
  p.nodes[0].calls[0].scratch_bytes = 100;
  ASSERT_TRUE(plan_memory(p).ok());
  EXPECT_EQ(p.placement.arena_bytes, 16 + 64 + 112);  // in, t1 and the scratch, rounded up
  p.placement.scratch_offset[0] = p.placement.tensor_offset[static_cast<std::size_t>(p.graph.inputs[0])];
  EXPECT_FALSE(check_placement(p).ok());
}

TEST(Plan, InPlaceTakesOverAnInputThatDies) {
  Graph g = chain({4, 4, 4});
  Program p = planned_apart(g);
  p.nodes[1].in_place = {{0, 0}};  // as if the kernel allowed it
  ASSERT_TRUE(plan_memory(p).ok());
  EXPECT_EQ(p.placement.tensor_offset[static_cast<std::size_t>(g.nodes[1].outputs[0])],
            p.placement.tensor_offset[static_cast<std::size_t>(g.nodes[1].inputs[0])]);
  p.graph.outputs.push_back(g.nodes[0].outputs[0]);  // now the input must survive
  ASSERT_TRUE(plan_memory(p).ok());
  EXPECT_NE(p.placement.tensor_offset[static_cast<std::size_t>(g.nodes[1].outputs[0])],
            p.placement.tensor_offset[static_cast<std::size_t>(g.nodes[1].inputs[0])]);
}

TEST(Plan, PicturesShowEveryBuffer) {
  const Program p = planned_apart(chain({1, 4, 2}));
  EXPECT_EQ(placement_text(p),
            "arena 96 bytes, lower bound 96 bytes; a column per step, '#' where the buffer is alive\n"
            "       0       64  .##.  t1\n"
            "      64       16  ##..  in\n"
            "      64       32  ..##  t2\n");
  const std::string svg = placement_svg(p);
  EXPECT_NE(svg.find("t1 (64 bytes at 0"), std::string::npos);
}

}  // namespace
}  // namespace mote
