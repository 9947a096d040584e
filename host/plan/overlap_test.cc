// Leads worked out by hand, and kernels whose order decides about them.
#include "host/plan/overlap.h"

#include <gtest/gtest.h>

#include "host/passes/testing.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

using kernels::WalkOrder;

struct Shapes {
  Shape x, weights, y;
  std::int64_t stride;
  const char* padding;
};

Graph one_node(OpKind kind, const Shapes& s, std::int32_t axis) {
  testing::GraphBuilder b;
  const TensorId x = b.input(b.activation("x", s.x, 0.5F, 0));
  const std::vector<std::int8_t> ones(static_cast<std::size_t>(elements(s.weights)), 1);
  const auto channels = static_cast<std::size_t>(s.weights[static_cast<std::size_t>(axis)]);
  const TensorId k = b.constant("k", DType::s8, s.weights, ones,
                                {std::vector<float>(channels, 0.5F), std::vector<std::int32_t>(channels, 0), axis});
  const TensorId y = b.output(b.activation("y", s.y, 0.5F, 0));
  b.node(kind, {x, k}, {y}, {{"stride_h", s.stride}, {"stride_w", s.stride}, {"padding", std::string(s.padding)}});
  return b.graph;
}
Graph conv(const Shapes& s) { return one_node(OpKind::conv_2d, s, 0); }
Graph depthwise(const Shapes& s) { return one_node(OpKind::depthwise_conv_2d, s, 3); }

WalkOrder order_under_test;

// What the node may do when its kernel has this order.
std::optional<Overlap> overlap(const Graph& g, const WalkOrder& order) {
  auto program = lower_graph(g, IsaSet{});
  EXPECT_TRUE(program.ok());
  Lowered& lowered = program.value().nodes[0];
  KernelRow row = *lowered.calls[0].row;
  order_under_test = order;
  row.order = [](const void*) { return order_under_test; };
  lowered.calls[0].row = &row;
  return overlap_of(g, g.nodes[0], lowered);
}
std::int64_t lead(const Graph& g, const WalkOrder& order) {
  const auto found = overlap(g, order);
  EXPECT_TRUE(found && !found->in_place);
  return found ? found->lead_bytes : -1;
}

// Pixel by pixel, an output pixel is written while its own input pixel is still being read.
TEST(Overlap, PointwiseKeepsOnePixelBehind) {
  const Graph g = conv({{1, 4, 5, 16}, {16, 1, 1, 16}, {1, 4, 5, 16}, 1, "valid"});
  EXPECT_EQ(lead(g, {1, false, false, 0}), 16);
  EXPECT_EQ(lead(g, {1, true, false, 0}), 0);  // read before written: in place
  EXPECT_EQ(lead(g, {4, true, false, 0}), 0);
}

// 16 bytes become 32: after 19 of 20 pixels 608 bytes are written, of the input 304 are done with; the last pixel is
// written while it is read.
TEST(Overlap, GrowingPointwiseFallsBehind) {
  const Graph g = conv({{1, 4, 5, 16}, {32, 1, 1, 16}, {1, 4, 5, 32}, 1, "valid"});
  EXPECT_EQ(lead(g, {1, true, false, 0}), 608 - 304);
  EXPECT_EQ(lead(g, {1, false, false, 0}), 640 - 304);
  EXPECT_EQ(lead(g, {4, true, false, 0}), 16 * 16);  // after four steps of five
}

// 3x3, padding 1: pixel (h,w) is the last to read pixel (h-1,w-1), so the output stays a row and two pixels behind.
TEST(Overlap, WindowKeepsARowBehind) {
  const Graph g = depthwise({{1, 6, 5, 16}, {1, 3, 3, 16}, {1, 6, 5, 16}, 1, "same"});
  EXPECT_EQ(lead(g, {1, false, false, 0}), (5 + 2) * 16);
  EXPECT_EQ(lead(g, {1, true, false, 0}), (5 + 1) * 16);
  EXPECT_EQ(lead(g, {10, true, true, 0}), 0);  // rows are kept by the kernel: two are written, three have been read
}

// 3x3 with stride 2 on 8 rows of 24 bytes, as the first layer of an image network: while row 0 of the output (32 bytes)
// is written, row 0 of the input is needed. After three of its four pixels 24 bytes are written and 18 are done with.
TEST(Overlap, StridedWindowRunsAhead) {
  const Graph g = conv({{1, 8, 8, 3}, {8, 3, 3, 3}, {1, 4, 4, 8}, 2, "same"});
  EXPECT_EQ(lead(g, {1, true, false, 0}), 24 - 18);
  EXPECT_EQ(lead(g, {1, false, false, 0}), 32 - 18);
}

TEST(Overlap, SlicesOfChannelsOnlyAtTheSamePlace) {
  const Graph same = depthwise({{1, 6, 5, 16}, {1, 3, 3, 16}, {1, 6, 5, 16}, 1, "same"});
  const auto found = overlap(same, {10, true, true, 4});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->in_place);
  const Graph smaller = depthwise({{1, 6, 6, 16}, {1, 3, 3, 16}, {1, 3, 3, 16}, 2, "same"});
  EXPECT_FALSE(overlap(smaller, {3, true, true, 4}));
}

TEST(Overlap, NoneWithoutAnOrder) {
  const Graph g = conv({{1, 4, 5, 16}, {16, 1, 1, 16}, {1, 4, 5, 16}, 1, "valid"});
  EXPECT_FALSE(overlap(g, {}));
}

// The checker finds out by itself: at the lead it agrees, one byte closer it does not.
TEST(Overlap, CheckerRefusesOneByteLess) {
  const Graph graphs[] = {
      conv({{1, 4, 5, 16}, {16, 1, 1, 16}, {1, 4, 5, 16}, 1, "valid"}),
      conv({{1, 4, 5, 16}, {32, 1, 1, 16}, {1, 4, 5, 32}, 1, "valid"}),
      depthwise({{1, 6, 5, 16}, {1, 3, 3, 16}, {1, 6, 5, 16}, 1, "same"}),
      conv({{1, 8, 8, 3}, {8, 3, 3, 3}, {1, 4, 4, 8}, 2, "same"}),
      conv({{1, 7, 6, 5}, {9, 3, 2, 5}, {1, 7, 6, 9}, 1, "same"}),
  };
  for (const Graph& g : graphs) {
    auto program = lower_graph(g, IsaSet{});
    ASSERT_TRUE(program.ok());
    Program& p = program.value();
    const auto found = overlap_of(g, g.nodes[0], p.nodes[0]);
    ASSERT_TRUE(found);
    const std::int64_t x = g.tensor(g.inputs[0]).size_bytes();
    const std::int64_t y = g.tensor(g.outputs[0]).size_bytes();
    p.placement.tensor_offset.assign(g.tensors.size(), -1);
    p.placement.scratch_offset.assign(1, -1);
    p.placement.arena_bytes = x + y;
    p.placement.tensor_offset[static_cast<std::size_t>(g.outputs[0])] = 1;
    p.placement.tensor_offset[static_cast<std::size_t>(g.inputs[0])] = 1 + found->lead_bytes;
    const Status at_lead = check_placement(p);
    EXPECT_TRUE(at_lead.ok()) << at_lead.error().text();
    p.placement.tensor_offset[static_cast<std::size_t>(g.inputs[0])] = found->lead_bytes;
    const Status closer = check_placement(p);
    ASSERT_FALSE(closer.ok()) << "lead " << found->lead_bytes;
    EXPECT_NE(closer.error().what.find("of an input before pixel"), std::string::npos) << closer.error().text();
  }
}

}  // namespace
}  // namespace mote
