#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::find_tensor;
using testing::GraphBuilder;
using testing::run_pass;

constexpr float kScale = 0.05F;
using Ints = std::vector<std::int64_t>;

struct Program : GraphBuilder {
  TensorId x = input(activation("x", {1, 2, 2, 3}, kScale, -9));

  TensorId conv(const std::string& name, TensorId from) {
    const std::int64_t depth = graph.tensor(from).shape[3];
    const TensorId k =
        constant<std::int8_t>(name + "/k", DType::s8, {3, 1, 1, depth},
                              std::vector<std::int8_t>(static_cast<std::size_t>(3 * depth), 40), {{0.02F}, {0}, 0});
    const TensorId y = activation(name, {1, 2, 2, 3}, kScale, -9);
    node(OpKind::conv_2d, {from, k}, {y});
    return y;
  }
  TensorId reshape(const std::string& name, TensorId from, const Shape& shape) {
    const TensorId y = activation(name, shape, kScale, -9);
    node(OpKind::reshape, {from}, {y}, {{"new_shape", Ints(shape)}});
    return y;
  }
  TensorId dense(const std::string& name, TensorId from, std::int64_t depth, const Shape& out) {
    const TensorId k =
        constant<std::int8_t>(name + "/k", DType::s8, {2, depth},
                              std::vector<std::int8_t>(static_cast<std::size_t>(2 * depth), -33), {{0.02F}, {0}, 0});
    const TensorId y = activation(name, out, kScale, 5);
    node(OpKind::fully_connected, {from, k}, {y});
    return y;
  }
};

TEST(RemoveIdentity, ReadersSkipANodeThatChangesNothing) {
  Program p;
  const TensorId t = p.conv("t", p.x);
  const TensorId same = p.reshape("same", t, {1, 2, 2, 3});
  p.output(p.conv("y", same));
  p.output(p.conv("z", same));

  const Graph after = run_pass("remove_identity", p.graph, true);

  ASSERT_EQ(after.nodes.size(), 3U);
  EXPECT_EQ(after.nodes[1].inputs[0], t);
  EXPECT_EQ(after.nodes[2].inputs[0], t);
  run_pass("remove_identity", after, false);
}

TEST(RemoveIdentity, AGraphOutputKeepsItsName) {
  Program p;
  const TensorId t = p.conv("t", p.x);
  const TensorId y = p.output(p.reshape("y", t, {1, 2, 2, 3}));
  p.output(p.conv("z", t));

  const Graph after = run_pass("remove_identity", p.graph, true);

  ASSERT_EQ(after.nodes.size(), 2U);
  EXPECT_EQ(after.nodes[0].outputs[0], y);
  EXPECT_EQ(after.nodes[1].inputs[0], y);
  EXPECT_EQ(after.outputs[0], y);
}

TEST(RemoveIdentity, KeepsTheNodeBetweenTwoPorts) {
  Program from_input;
  from_input.output(from_input.reshape("y", from_input.x, {1, 2, 2, 3}));
  run_pass("remove_identity", from_input.graph, false);

  Program two_outputs;
  const TensorId t = two_outputs.output(two_outputs.conv("t", two_outputs.x));
  two_outputs.output(two_outputs.reshape("y", t, {1, 2, 2, 3}));
  run_pass("remove_identity", two_outputs.graph, false);
}

TEST(RemoveIdentity, ReshapeOfReshapeReadsTheSource) {
  Program p;
  const TensorId t = p.reshape("t", p.x, {1, 12});
  const TensorId u = p.reshape("u", t, {2, 6});
  p.output(p.reshape("y", u, {1, 2, 2, 3}));

  Graph after = run_pass("remove_identity", p.graph, true);

  EXPECT_EQ(after.nodes.back().inputs[0], p.x);
  ASSERT_TRUE(run_passes(after, {}).ok());
  EXPECT_EQ(after.nodes.size(), 1U);
}

TEST(RemoveIdentity, FullyConnectedReadsWhatWasReshapedForIt) {
  Program p;
  const TensorId t = p.conv("t", p.x);
  const TensorId flat = p.reshape("flat", t, {1, 12});
  p.output(p.dense("y", flat, 12, {1, 2}));

  const Graph after = run_pass("remove_identity", p.graph, true);

  EXPECT_EQ(after.nodes.back().inputs[0], t);
}

TEST(RemoveIdentity, KeepsAReshapeThatFullyConnectedNeedsForItsShape) {
  Program p;
  const TensorId t = p.conv("t", p.x);
  const TensorId rows = p.reshape("rows", t, {2, 2, 3});
  p.dense("y", rows, 3, {2, 2, 2});
  p.graph.nodes.back().attrs.set("keep_num_dims", std::int64_t{1});
  p.output(p.graph.nodes.back().outputs[0]);
  run_pass("remove_identity", p.graph, false);
}

TEST(RemoveIdentity, QuantizeToTheSameScale) {
  Program p;
  const TensorId t = p.activation("t", {1, 2, 2, 3}, kScale, -9);
  p.node(OpKind::quantize, {p.x}, {t});
  p.output(p.conv("y", t));
  EXPECT_EQ(run_pass("remove_identity", p.graph, true).nodes.size(), 1U);

  p.graph.tensor(t).quant.scale[0] *= 2.0F;
  run_pass("remove_identity", p.graph, false);
}

TEST(RemoveIdentity, TransposeThatMovesNoByte) {
  Program p;
  const TensorId order = p.constant<std::int32_t>("order", DType::s32, {4}, {1, 0, 2, 3});
  const TensorId t = p.conv("t", p.x);
  const TensorId moved = p.activation("moved", {2, 1, 2, 3}, kScale, -9);
  p.node(OpKind::transpose, {t, order}, {moved});
  p.output(p.dense("y", moved, 12, {1, 2}));

  const Graph after = run_pass("remove_identity", p.graph, true);

  EXPECT_EQ(after.nodes.back().inputs[0], t);
}

TEST(RemoveIdentity, KeepsAReshapeThatChangesTheMeaningOfItsBytes) {
  Program p;
  const TensorId t = p.conv("t", p.x);
  const TensorId flat = p.reshape("flat", t, {1, 12});
  p.graph.tensor(flat).quant.zero_point[0] = 7;
  p.output(p.dense("y", flat, 12, {1, 2}));
  run_pass("remove_identity", p.graph, false);
}

}  // namespace
}  // namespace mote
