#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::find_tensor;
using testing::GraphBuilder;
using testing::run_pass;

// Adds a 1x1 convolution with one weight.
TensorId conv(GraphBuilder& b, const std::string& name, TensorId x) {
  const TensorId k = b.constant<std::int8_t>(name + "/k", DType::s8, {1, 1, 1, 1}, {64}, {{0.01F}, {0}, 0});
  const TensorId y = b.activation(name, {1, 2, 2, 1}, 0.5F, 3);
  b.node(OpKind::conv_2d, {x, k}, {y});
  return y;
}

TEST(RemoveDead, DropsNodesNoOutputDependsOn) {
  GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 2, 2, 1}, 0.5F, -1));
  const TensorId dead1 = conv(b, "dead1", x);
  conv(b, "dead2", dead1);
  b.output(conv(b, "y", x));
  b.activation("never_written", {1}, 1.0F, 0);

  const Graph after = run_pass("remove_dead", b.graph, true);

  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].name, "y");
  ASSERT_EQ(after.tensors.size(), 3U);  // x, y/k, y, in the order they had
  EXPECT_EQ(after.tensors[0].name, "x");
  EXPECT_EQ(after.tensors[1].name, "y/k");
  EXPECT_EQ(after.tensors[2].name, "y");
  EXPECT_EQ(after.nodes[0].inputs, (std::vector<TensorId>{0, 1}));
  EXPECT_EQ(after.outputs, (std::vector<TensorId>{2}));
  run_pass("remove_dead", after, false);
}

TEST(RemoveDead, KeepsGraphInputsThatNothingReads) {
  GraphBuilder b;
  b.input(b.activation("unread", {1, 4}, 0.5F, 0));
  const TensorId x = b.input(b.activation("x", {1, 2, 2, 1}, 0.5F, -1));
  b.output(conv(b, "y", x));

  const Graph after = run_pass("remove_dead", b.graph, false);

  EXPECT_EQ(after.inputs.size(), 2U);
  EXPECT_NE(find_tensor(after, "unread"), kNoTensor);
}

}  // namespace
}  // namespace mote
