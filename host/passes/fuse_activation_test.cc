#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::find_tensor;
using testing::GraphBuilder;
using testing::run_pass;

constexpr float kScale = 0.0625F;

// x -> conv_2d -> t -> activation -> y
struct Program {
  GraphBuilder b;
  TensorId t = kNoTensor;
  TensorId y = kNoTensor;

  Program(OpKind activation, float out_scale, std::int32_t out_zero, const std::string& own = "none") {
    const TensorId x = b.input(b.activation("x", {1, 4, 4, 2}, 0.05F, -9));
    const TensorId k = b.constant<std::int8_t>("k", DType::s8, {3, 1, 1, 2}, {90, -127, 55, 127, -80, 20},
                                               {{0.01F, 0.02F, 0.03F}, {0, 0, 0}, 0});
    t = b.activation("t", {1, 4, 4, 3}, kScale, -20);
    y = b.activation("y", {1, 4, 4, 3}, out_scale, out_zero);
    b.node(OpKind::conv_2d, {x, k}, {t}, {{"activation", own}});
    b.node(activation, {t}, {y});
    b.output(y);
  }
};

TEST(FuseActivation, Relu6BecomesTheClampOfTheConvolution) {
  const Program p(OpKind::relu6, kScale, -20);
  const Graph after = run_pass("fuse_activation", p.b.graph, true);
  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].kind, OpKind::conv_2d);
  EXPECT_EQ(after.nodes[0].outputs[0], p.y);
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_min", 0), -20);           // 0.0
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_max", 0), -20 + 6 * 16);  // 6.0 in steps of 1/16
  run_pass("fuse_activation", after, false);
}

TEST(FuseActivation, ReluAfterAnOperatorThatClampsAlreadyKeepsBoth) {
  const Program p(OpKind::relu, kScale, -20, "relu_n1_to_1");
  const Graph after = run_pass("fuse_activation", p.b.graph, true);
  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_min", 0), -20);       // relu's 0.0
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_max", 0), -20 + 16);  // the convolution's 1.0
}

TEST(FuseActivation, AChainOfActivationsGoesInOneSweep) {
  Program p(OpKind::relu, kScale, -20);
  const TensorId z = p.b.activation("z", {1, 4, 4, 3}, kScale, -20);
  p.b.node(OpKind::relu6, {p.y}, {z});
  p.b.graph.outputs = {z};
  EXPECT_EQ(run_pass("fuse_activation", p.b.graph, true).nodes.size(), 1U);
}

TEST(FuseActivation, Int16) {
  GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 4, 4, 1}, 0.001F, 0, DType::s16));
  const TensorId k = b.constant<std::int8_t>("k", DType::s8, {2, 1, 1, 1}, {90, -127}, {{0.01F, 0.02F}, {0, 0}, 0});
  const TensorId t = b.activation("t", {1, 4, 4, 2}, 0.0005F, 0, DType::s16);
  const TensorId y = b.activation("y", {1, 4, 4, 2}, 0.0005F, 0, DType::s16);
  b.node(OpKind::conv_2d, {x, k}, {t});
  b.node(OpKind::relu, {t}, {y});
  b.output(y);
  const Graph after = run_pass("fuse_activation", b.graph, true);
  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_min", -1), 0);
  EXPECT_EQ(after.nodes[0].attrs.integer("clamp_max", -1), 32767);
}

TEST(FuseActivation, FloatUsesTheActivationOfTheOperator) {
  GraphBuilder b;
  const TensorId x = b.input(b.real("x", {1, 4, 4, 1}));
  const TensorId k = b.constant<float>("k", DType::f32, {2, 1, 1, 1}, {1.0F, -2.0F});
  const TensorId t = b.real("t", {1, 4, 4, 2});
  const TensorId y = b.real("y", {1, 4, 4, 2});
  b.node(OpKind::conv_2d, {x, k}, {t});
  b.node(OpKind::relu6, {t}, {y});
  b.output(y);
  const Graph after = run_pass("fuse_activation", b.graph, true);
  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].attrs.string("activation", ""), "relu6");

  Graph other = b.graph;
  other.nodes[0].attrs.set("activation", std::string("relu"));
  run_pass("fuse_activation", other, false);
}

TEST(FuseActivation, LeavesAnActivationThatRescales) {
  run_pass("fuse_activation", Program(OpKind::relu, kScale / 2, -128).b.graph, false);
  run_pass("fuse_activation", Program(OpKind::relu, kScale, -128).b.graph, false);
}

TEST(FuseActivation, LeavesActivationsThatAreNoClamp) {
  run_pass("fuse_activation", Program(OpKind::leaky_relu, kScale, -20).b.graph, false);
}

TEST(FuseActivation, LeavesATensorThatSomeoneElseNeeds) {
  Program output(OpKind::relu, kScale, -20);
  output.b.output(output.t);
  run_pass("fuse_activation", output.b.graph, false);

  Program read_twice(OpKind::relu, kScale, -20);
  const TensorId z = read_twice.b.activation("z", {1, 4, 4, 3}, kScale, -20);
  read_twice.b.node(OpKind::relu6, {read_twice.t}, {z});
  read_twice.b.output(z);
  run_pass("fuse_activation", read_twice.b.graph, false);
}

TEST(FuseActivation, LeavesBoundsThatDoNotMeet) {
  Program p(OpKind::relu, kScale, -20);
  p.b.graph.nodes[0].attrs.set("clamp_max", std::int64_t{-40});  // always below relu's floor
  run_pass("fuse_activation", p.b.graph, false);
}

}  // namespace
}  // namespace mote
