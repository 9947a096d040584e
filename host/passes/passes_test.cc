#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::GraphBuilder;

// c -> conv -> t -> conv -> y, and a dead branch of x.
Graph example() {
  GraphBuilder b;
  const TensorId x = b.input(b.activation("x", {1, 2, 2, 1}, 0.5F, 0));
  const TensorId c = b.constant<std::int8_t>("c", DType::s8, {1, 2, 2, 1}, {1, 2, 3, 4}, {{0.5F}, {0}, 0});
  const TensorId k = b.constant<std::int8_t>("k", DType::s8, {1, 1, 1, 1}, {2}, {{0.5F}, {0}, 0});
  const TensorId t = b.activation("t", {1, 2, 2, 1}, 0.5F, 0);
  const TensorId y = b.activation("y", {1, 2, 2, 1}, 0.5F, 0);
  const TensorId z = b.activation("z", {1, 2, 2, 1}, 0.5F, 0);
  b.node(OpKind::conv_2d, {c, k}, {t});
  b.node(OpKind::conv_2d, {t, k}, {z});
  b.node(OpKind::conv_2d, {x, k}, {y});
  b.output(y);
  return b.graph;
}

TEST(Passes, DefaultOrderReachesAFixedPoint) {
  Graph g = example();
  ASSERT_TRUE(run_passes(g, {}).ok());
  EXPECT_EQ(g.nodes.size(), 1U);
  EXPECT_EQ(g.tensors.size(), 3U);
  PassOptions options;
  options.on_change = [](const Pass& pass, const Graph&, const Graph&) {
    ADD_FAILURE() << pass.name << " changed it again";
  };
  ASSERT_TRUE(run_passes(g, options).ok());
}

TEST(Passes, OnChangeSeesBeforeAndAfter) {
  Graph g = example();
  std::vector<std::string> seen;
  PassOptions options;
  options.on_change = [&](const Pass& pass, const Graph& before, const Graph& after) {
    seen.push_back(std::string(pass.name) + " " + std::to_string(before.nodes.size()) + ">" +
                   std::to_string(after.nodes.size()));
  };
  ASSERT_TRUE(run_passes(g, options).ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"fold_constants 3>1", "remove_dead 1>1"}));
}

TEST(Passes, OnlyRunsTheNamedPassesInTheirOrder) {
  Graph g = example();
  PassOptions options;
  options.only = {"remove_dead"};
  ASSERT_TRUE(run_passes(g, options).ok());
  ASSERT_EQ(g.nodes.size(), 1U);  // t fed nothing but the dead z
  EXPECT_EQ(g.nodes[0].name, "y");
}

TEST(Passes, UnknownNameIsAnErrorThatListsTheKnown) {
  Graph g = example();
  PassOptions options;
  options.only = {"remove_dead", "shrink"};
  const Status status = run_passes(g, options);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().what, "there is no pass 'shrink'");
  EXPECT_NE(status.error().fix.find("fold_constants, "), std::string::npos);
  EXPECT_EQ(g.nodes.size(), 3U) << "nothing runs when a name is wrong";
}

TEST(Passes, EveryPassIsFoundByItsName) {
  for (const Pass& pass : all_passes()) {
    EXPECT_EQ(find_pass(pass.name), &pass);
    EXPECT_FALSE(pass.summary.empty());
  }
  EXPECT_EQ(find_pass("no_such_pass"), nullptr);
}

}  // namespace
}  // namespace mote
