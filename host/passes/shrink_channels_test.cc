// Chains of weighted layers with channels that are constant or unread.
#include <gtest/gtest.h>

#include "host/ops/op.h"
#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::GraphBuilder;
using testing::run_pass;

constexpr float kScale = 0.05F;

// Convolution weights [o,k,k,i] where row `zero_row` and input column `zero_column` are 0; -1: none.
std::vector<std::int8_t> weights(std::mt19937& rng, std::int64_t o, std::int64_t taps, std::int64_t i,
                                 std::int64_t zero_row, std::int64_t zero_column) {
  std::vector<std::int8_t> w;
  for (std::int64_t a = 0; a < o; ++a) {
    for (std::int64_t t = 0; t < taps; ++t) {
      for (std::int64_t c = 0; c < i; ++c) {
        const bool zero = a == zero_row || c == zero_column;
        w.push_back(zero ? std::int8_t{0} : static_cast<std::int8_t>(static_cast<int>(rng() % 127) + 1));
      }
    }
  }
  return w;
}

struct Chain {
  GraphBuilder b;
  std::mt19937 rng{7};
  TensorId last;
  int count = 0;

  explicit Chain(Shape shape, std::int32_t zero_point = -5) {
    last = b.input(b.activation("x", shape, kScale, zero_point));
  }

  Shape shape() const { return b.graph.tensor(last).shape; }

  // A convolution with a `kernel` x `kernel` window. `bias` of the zero row decides its constant.
  void conv(std::int64_t o, std::int64_t kernel, const std::string& padding, std::int64_t zero_row,
            std::int64_t zero_column, std::int32_t row_bias = 40) {
    const Shape in = shape();
    const std::string n = std::to_string(++count);
    std::vector<std::int32_t> bias(static_cast<std::size_t>(o));
    for (auto& v : bias) v = static_cast<std::int32_t>(rng() % 2000) - 1000;
    if (zero_row >= 0) bias[static_cast<std::size_t>(zero_row)] = row_bias;
    const TensorId k = b.constant("k" + n, DType::s8, {o, kernel, kernel, in[3]},
                                  weights(rng, o, kernel * kernel, in[3], zero_row, zero_column),
                                  {std::vector<float>(static_cast<std::size_t>(o), 0.02F),
                                   std::vector<std::int32_t>(static_cast<std::size_t>(o), 0), 0});
    const TensorId c = b.constant("b" + n, DType::s32, {o}, bias);
    const std::int64_t cut = padding == "same" ? 0 : kernel - 1;
    const TensorId y = b.activation("y" + n, {in[0], in[1] - cut, in[2] - cut, o}, kScale, 3);
    b.node(OpKind::conv_2d, {last, k, c}, {y},
           {{"padding", padding},
            {"activation", std::string("none")},
            {"stride_h", std::int64_t{1}},
            {"stride_w", std::int64_t{1}}});
    last = y;
  }

  void depthwise() {
    const Shape in = shape();
    const std::string n = std::to_string(++count);
    const TensorId k =
        b.constant("k" + n, DType::s8, {1, 3, 3, in[3]}, weights(rng, 1, 9, in[3], -1, -1), {{0.02F}, {0}, 0});
    const TensorId c =
        b.constant("b" + n, DType::s32, {in[3]}, std::vector<std::int32_t>(static_cast<std::size_t>(in[3]), 11));
    const TensorId y = b.activation("y" + n, in, kScale, 3);
    b.node(OpKind::depthwise_conv_2d, {last, k, c}, {y},
           {{"padding", std::string("same")},
            {"activation", std::string("none")},
            {"stride_h", std::int64_t{1}},
            {"stride_w", std::int64_t{1}}});
    last = y;
  }

  const Graph& done() {
    b.output(last);
    return b.graph;
  }
};

std::int64_t macs(const Graph& g) {
  std::int64_t sum = 0;
  for (const Node& node : g.nodes) sum += op_row(node.kind).def->macs(g, node);
  return sum;
}

Shape shape_of(const Graph& g, const std::string& name) { return g.tensor(testing::find_tensor(g, name)).shape; }

TEST(ShrinkChannels, AConstantChannelGoesIntoTheNextBias) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 1, "valid", 2, -1);
  c.conv(5, 1, "valid", -1, -1);
  const Graph after = run_pass("shrink_channels", c.done(), true);
  EXPECT_EQ(shape_of(after, "y1"), (Shape{1, 4, 4, 3}));
  EXPECT_EQ(shape_of(after, "y2"), (Shape{1, 4, 4, 5}));
}

TEST(ShrinkChannels, AChannelThatMeetsZerosIsNotComputed) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 3, "same", -1, -1);
  c.conv(5, 3, "same", -1, 1);
  const Graph after = run_pass("shrink_channels", c.done(), true);
  EXPECT_EQ(shape_of(after, "y1"), (Shape{1, 4, 4, 3}));
}

// Inside the image the second layer sees the constant, outside it sees 0: no bias can stand for both.
TEST(ShrinkChannels, AConstantBesidePaddingStays) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 1, "valid", 2, -1, 40'000);
  c.conv(5, 3, "same", -1, -1);
  run_pass("shrink_channels", c.done(), false);
}

TEST(ShrinkChannels, TheZeroPointBesidePaddingGoes) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 1, "valid", 2, -1, 0);  // a bias of 0 gives the zero point
  c.conv(5, 3, "same", -1, -1);
  const Graph after = run_pass("shrink_channels", c.done(), true);
  EXPECT_EQ(shape_of(after, "y1"), (Shape{1, 4, 4, 3}));
}

TEST(ShrinkChannels, GoesThroughDepthwise) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 1, "valid", 2, -1, 0);
  c.depthwise();
  c.conv(5, 1, "valid", -1, 0);
  const Graph& before = c.done();
  const Graph after = run_pass("shrink_channels", before, true);
  EXPECT_EQ(shape_of(after, "y1"), (Shape{1, 4, 4, 2}));
  EXPECT_EQ(shape_of(after, "y2"), (Shape{1, 4, 4, 2}));
  EXPECT_EQ(macs(before), 16 * (12 + 36 + 20));
  EXPECT_EQ(macs(after), 16 * (6 + 18 + 10));
}

TEST(ShrinkChannels, KeepsOneChannelWhereAllAreConstant) {
  Chain c({1, 4, 4, 3});
  c.conv(1, 1, "valid", 0, -1, 0);
  c.conv(5, 1, "valid", -1, -1);
  run_pass("shrink_channels", c.done(), false);
}

TEST(ShrinkChannels, LeavesInputsAndOutputsAlone) {
  Chain c({1, 4, 4, 3});
  c.conv(4, 1, "valid", 2, 1);  // input channel 1 is not read, output channel 2 is constant
  run_pass("shrink_channels", c.done(), false);
}

TEST(ShrinkChannels, RandomStacksStayExact) {
  std::mt19937 rng(20261122);
  int changed = 0;
  for (int round = 0; round < 150; ++round) {
    Chain c({1, 3 + static_cast<std::int64_t>(rng() % 3), 3, 1 + static_cast<std::int64_t>(rng() % 4)},
            static_cast<std::int32_t>(rng() % 256) - 128);
    c.rng.seed(rng());
    for (int layers = 2 + static_cast<int>(rng() % 4); layers > 0; --layers) {
      if (rng() % 3 == 0) {
        c.depthwise();
        continue;
      }
      const auto o = static_cast<std::int64_t>(1 + rng() % 5);
      const auto pick = [&](std::int64_t n) {
        return rng() % 2 == 0 ? -1 : static_cast<std::int64_t>(rng() % static_cast<std::uint32_t>(n));
      };
      c.conv(o, rng() % 2 == 0 ? 1 : 3, "same", pick(o), pick(c.shape()[3]),
             rng() % 2 == 0 ? 0 : static_cast<std::int32_t>(rng() % 20'000));
    }
    const Graph& before = c.done();
    Graph after = before;
    const auto result = find_pass("shrink_channels")->run(after);
    ASSERT_TRUE(result.ok());
    const Status valid = verify(after);
    ASSERT_TRUE(valid.ok()) << valid.error().text();
    EXPECT_EQ(testing::first_difference(before, after, static_cast<std::uint32_t>(round), 10), "") << "round " << round;
    changed += result.value() ? 1 : 0;
    auto again = find_pass("shrink_channels")->run(after);
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(again.value()) << "round " << round << ": a second run found more";
  }
  EXPECT_GT(changed, 50);
}

}  // namespace
}  // namespace mote
