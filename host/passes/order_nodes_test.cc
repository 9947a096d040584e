// Orders worked out by hand, and the best of all orders of small random graphs by trying every one.
#include <algorithm>
#include <numeric>
#include <random>

#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::GraphBuilder;
using testing::run_pass;

// A 1x1 convolution to `channels` bytes.
TensorId conv(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t channels) {
  const std::int64_t depth = b.graph.tensor(x).shape[3];
  const std::vector<std::int8_t> weights(static_cast<std::size_t>(channels * depth), 1);
  const TensorId k =
      b.constant<std::int8_t>(name + "/k", DType::s8, {channels, 1, 1, depth}, weights, {{0.01F}, {0}, 0});
  const TensorId y = b.activation(name, {1, 1, 1, channels}, 0.5F, 3);
  b.node(OpKind::conv_2d, {x, k}, {y});
  return y;
}

TensorId join(GraphBuilder& b, const std::string& name, TensorId x0, TensorId x1) {
  const std::int64_t channels = b.graph.tensor(x0).shape[3] + b.graph.tensor(x1).shape[3];
  const TensorId y = b.activation(name, {1, 1, 1, channels}, 0.5F, 3);
  b.node(OpKind::concatenation, {x0, x1}, {y}, {{"axis", std::int64_t{3}}});
  return y;
}

// The most bytes that are alive at once: written or passed in before, and read now or later, or put out.
std::int64_t peak_of(const Graph& g, const std::vector<std::size_t>& order) {
  std::int64_t peak = 0;
  for (std::size_t now = 0; now < order.size(); ++now) {
    std::int64_t alive = 0;
    for (std::size_t t = 0; t < g.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      if (g.tensors[t].is_constant) continue;
      const auto has = [&](const std::vector<TensorId>& ids) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
      };
      bool is_written = has(g.inputs);
      bool is_read = has(g.outputs);
      for (std::size_t i = 0; i < order.size(); ++i) {
        const Node& node = g.nodes[order[i]];
        is_written = is_written || (i <= now && has(node.outputs));
        is_read = is_read || (i >= now && (has(node.inputs) || (i == now && has(node.outputs))));
      }
      if (is_written && is_read) alive += g.tensors[t].size_bytes();
    }
    peak = std::max(peak, alive);
  }
  return peak;
}

std::vector<std::size_t> in_order(const Graph& g) {
  std::vector<std::size_t> order(g.nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

bool is_topological(const Graph& g, const std::vector<std::size_t>& order) {
  std::vector<bool> written(g.tensors.size());
  for (const TensorId id : g.inputs) written[static_cast<std::size_t>(id)] = true;
  for (const std::size_t n : order) {
    for (const TensorId id : g.nodes[n].inputs) {
      if (!g.tensor(id).is_constant && !written[static_cast<std::size_t>(id)]) return false;
    }
    for (const TensorId id : g.nodes[n].outputs) written[static_cast<std::size_t>(id)] = true;
  }
  return true;
}

TEST(OrderNodes, FinishesABranchBeforeItBeginsTheNext) {
  GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 1, 1, 4}, 0.5F, 3));
  const TensorId a = conv(b, "a", x, 100);
  const TensorId c = conv(b, "b", x, 90);
  const TensorId a_small = conv(b, "a'", a, 10);
  const TensorId c_small = conv(b, "b'", c, 10);
  b.output(join(b, "y", a_small, c_small));
  EXPECT_EQ(peak_of(b.graph, in_order(b.graph)), 200);  // a, b and a'; x is no longer read

  const Graph after = run_pass("order_nodes", b.graph, true);

  EXPECT_EQ(peak_of(after, in_order(after)), 114);  // x, a and a'
  EXPECT_EQ(after.nodes[0].name, "a");
  EXPECT_EQ(after.nodes[1].name, "a'");
  EXPECT_EQ(after.nodes[2].name, "b");
  run_pass("order_nodes", after, false);
}

TEST(OrderNodes, LeavesAChainAlone) {
  GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 1, 1, 4}, 0.5F, 3));
  b.output(conv(b, "b", conv(b, "a", x, 50), 3));
  run_pass("order_nodes", b.graph, false);
}

TEST(OrderNodes, FindsTheBestOfAllOrders) {
  std::mt19937 rng(7);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng); };
  int improved = 0;
  for (int round = 0; round < 60; ++round) {
    GraphBuilder b;
    std::vector<TensorId> made = {b.input(b.activation("x", {1, 1, 1, pick(1, 20)}, 0.5F, 3))};
    for (int n = 0; n < 7; ++n) {
      const std::string name = "n" + std::to_string(n);
      const auto any = [&] { return made[static_cast<std::size_t>(pick(0, static_cast<int>(made.size()) - 1))]; };
      const TensorId from = any();
      const TensorId other = any();
      made.push_back(pick(0, 3) == 0 && from != other ? join(b, name, from, other) : conv(b, name, from, pick(1, 30)));
    }
    for (std::size_t i = made.size() - 2; i < made.size(); ++i) b.output(made[i]);

    std::vector<std::size_t> order = in_order(b.graph);
    const std::int64_t before = peak_of(b.graph, order);
    std::int64_t best = before;
    do {
      if (is_topological(b.graph, order)) best = std::min(best, peak_of(b.graph, order));
    } while (std::next_permutation(order.begin(), order.end()));

    const Graph after = run_pass("order_nodes", b.graph, best < before);
    EXPECT_EQ(peak_of(after, in_order(after)), best) << "round " << round;
    if (best < before) ++improved;
  }
  EXPECT_GT(improved, 10);
}

}  // namespace
}  // namespace mote
