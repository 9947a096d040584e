#include <cmath>
#include <limits>

#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::GraphBuilder;
using testing::run_pass;
using Ints = std::vector<std::int64_t>;

constexpr Quant quant_of(float scale, std::int32_t zero) { return {{scale}, {zero}, 0}; }

// x [1,4,5,2] -> pad -> p -> convolution -> y
struct Program : GraphBuilder {
  TensorId x = input(activation("x", {1, 4, 5, 2}, 0.05F, -9));
  TensorId p = kNoTensor;

  explicit Program(const std::vector<std::int32_t>& amounts, std::int32_t value = -9, std::int32_t padded_zero = -9) {
    Shape shape = {1, 4, 5, 2};
    for (std::size_t d = 0; d < 4; ++d) shape[d] += amounts[2 * d] + amounts[2 * d + 1];
    const TensorId paddings = constant("paddings", DType::s32, {4, 2}, amounts);
    p = activation("p", shape, 0.05F, padded_zero);
    if (value == padded_zero) {
      node(OpKind::pad, {x, paddings}, {p});
    } else {
      const TensorId v = constant<std::int8_t>("value", DType::s8, {1}, {static_cast<std::int8_t>(value)},
                                               quant_of(0.05F, padded_zero));
      node(OpKind::pad_v2, {x, paddings, v}, {p});
    }
  }

  // A 3x3 convolution without bias; its output's shape is stated.
  void conv(const Shape& out, const std::vector<std::pair<std::string, AttrValue>>& attrs) {
    const std::int64_t depth = graph.tensor(p).shape[3];
    std::vector<std::int8_t> w(static_cast<std::size_t>(out[3] * 9 * depth));
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
    const TensorId k = constant("k", DType::s8, {out[3], 3, 3, depth}, w, quant_of(0.003F, 0));
    const TensorId y = activation("y", out, 0.1F, 7);
    node(OpKind::conv_2d, {p, k}, {y}, attrs);
    output(y);
  }
  void depthwise(const Shape& out, const std::vector<std::pair<std::string, AttrValue>>& attrs) {
    std::vector<std::int8_t> w(static_cast<std::size_t>(9 * out[3]));
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
    const TensorId k = constant("k", DType::s8, {1, 3, 3, out[3]}, w, quant_of(0.003F, 0));
    const TensorId y = activation("y", out, 0.1F, 7);
    node(OpKind::depthwise_conv_2d, {p, k}, {y}, attrs);
    output(y);
  }
};

TEST(FoldPad, BecomesThePaddingOfAConvolution) {
  Program g({0, 0, 1, 2, 3, 0, 0, 0});
  g.conv({1, 5, 6, 3}, {{"padding", std::string("valid")}});

  const Graph after = run_pass("fold_pad", g.graph, true);

  const Node& conv = after.nodes.at(1);
  EXPECT_EQ(conv.inputs[0], g.x);
  EXPECT_EQ(conv.attrs.string("padding", ""), "explicit");
  EXPECT_EQ(conv.attrs.integers("pads"), (Ints{1, 2, 3, 0}));
  run_pass("fold_pad", after, false);
}

TEST(FoldPad, AddsToExplicitPaddingOfADepthwiseConvolutionWithStride) {
  Program g({0, 0, 0, 1, 0, 1, 0, 0});
  g.depthwise({1, 3, 3, 4}, {{"padding", std::string("explicit")},
                             {"pads", Ints{1, 1, 1, 0}},
                             {"stride_h", std::int64_t{2}},
                             {"stride_w", std::int64_t{2}}});
  const Graph after = run_pass("fold_pad", g.graph, true);
  EXPECT_EQ(after.nodes.at(1).attrs.integers("pads"), (Ints{1, 2, 1, 1}));
}

TEST(FoldPad, PadV2OfTheZeroPoint) {
  Program g({0, 0, 1, 1, 1, 1, 0, 0});
  const TensorId v = g.constant<std::int8_t>("value", DType::s8, {1}, {-9}, quant_of(0.05F, -9));
  g.graph.nodes[0].kind = OpKind::pad_v2;
  g.graph.nodes[0].inputs.push_back(v);
  g.conv({1, 4, 5, 1}, {});
  run_pass("fold_pad", g.graph, true);
}

TEST(FoldPad, Float) {
  for (const float weight : {-2.0F, std::numeric_limits<float>::infinity()}) {
    GraphBuilder b;
    const TensorId x = b.input(b.real("x", {1, 3, 3, 1}));
    const TensorId paddings = b.constant<std::int32_t>("paddings", DType::s32, {4, 2}, {0, 0, 1, 1, 0, 1, 0, 0});
    const TensorId p = b.real("p", {1, 5, 4, 1});
    const TensorId k = b.constant<float>("k", DType::f32, {1, 2, 2, 1}, {1.5F, weight, 0.25F, -1.0F});
    const TensorId y = b.real("y", {1, 4, 3, 1});
    b.node(OpKind::pad, {x, paddings}, {p});
    b.node(OpKind::conv_2d, {p, k}, {y});
    b.output(y);
    run_pass("fold_pad", b.graph, std::isfinite(weight));  // infinity times the padded 0 is not 0
  }
}

TEST(FoldPad, LeavesPaddingOfChannels) {
  Program g({0, 0, 1, 1, 1, 1, 0, 1});
  g.conv({1, 4, 5, 2}, {});
  run_pass("fold_pad", g.graph, false);
}

TEST(FoldPad, LeavesAValueThatIsNotZero) {
  Program g({0, 0, 1, 1, 1, 1, 0, 0}, 12);
  g.conv({1, 4, 5, 2}, {});
  run_pass("fold_pad", g.graph, false);
}

TEST(FoldPad, LeavesAPadThatChangesTheMeaningOfItsBytes) {
  Program g({0, 0, 1, 1, 1, 1, 0, 0}, 4, 4);
  g.conv({1, 4, 5, 2}, {});
  run_pass("fold_pad", g.graph, false);
}

TEST(FoldPad, LeavesSamePadding) {
  Program g({0, 0, 1, 1, 1, 1, 0, 0});
  g.conv({1, 6, 7, 2}, {{"padding", std::string("same")}});
  run_pass("fold_pad", g.graph, false);
}

TEST(FoldPad, LeavesAmountsBeyondTheAttributesRange) {
  Program g({0, 0, 0, 32767, 0, 0, 0, 0});
  g.conv({1, 1025, 3, 1},
         {{"padding", std::string("explicit")}, {"pads", Ints{0, 30, 0, 0}}, {"stride_h", std::int64_t{32}}});
  run_pass("fold_pad", g.graph, false);
}

TEST(FoldPad, LeavesPools) {
  Program g({0, 0, 1, 1, 1, 1, 0, 0});
  const TensorId y = g.activation("y", {1, 5, 6, 2}, 0.05F, -9);
  g.node(OpKind::average_pool_2d, {g.p}, {y}, {{"kernel_h", std::int64_t{2}}, {"kernel_w", std::int64_t{2}}});
  g.output(y);
  run_pass("fold_pad", g.graph, false);
}

}  // namespace
}  // namespace mote
