// Values that live from run to run: interpreter, planned program, text form, and what is refused.
#include <gtest/gtest.h>

#include "host/driver/run.h"
#include "host/interpret/run_program.h"
#include "host/ir/text.h"
#include "host/passes/testing.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

using testing::bytes_of;
using testing::GraphBuilder;

Bytes numbers(const std::vector<std::int32_t>& values) { return bytes_of(values); }

TensorId integers(GraphBuilder& b, const std::string& name, const Shape& shape) {
  Tensor t;
  t.name = name;
  t.type = DType::s32;
  t.shape = shape;
  return b.graph.add_tensor(std::move(t));
}

// y = x + sum; sum = y. Starts at 100, 200.
Graph running_sum() {
  GraphBuilder b;
  const TensorId x = b.input(integers(b, "x", {2}));
  const TensorId sum = integers(b, "sum", {2});
  const TensorId y = b.output(integers(b, "y", {2}));
  b.node(OpKind::add, {sum, x}, {y});
  b.graph.states.push_back({"total", sum, y, numbers({100, 200})});
  return b.graph;
}

// A line of delays: y = c; c = b; b = a; a = x + 0. Storing must begin at the end of the line.
Graph delays() {
  GraphBuilder b;
  const TensorId x = b.input(integers(b, "x", {1}));
  const TensorId one = integers(b, "a", {1});
  const TensorId two = integers(b, "b", {1});
  const TensorId three = integers(b, "c", {1});
  const TensorId nothing = b.constant<std::int32_t>("nothing", DType::s32, {1}, {0});
  const TensorId y = b.output(integers(b, "y", {1}));
  b.node(OpKind::add, {three, nothing}, {y});
  b.graph.states.push_back({"a", one, x, numbers({1})});
  b.graph.states.push_back({"b", two, one, numbers({2})});
  b.graph.states.push_back({"c", three, two, numbers({3})});
  return b.graph;
}

std::vector<std::vector<Bytes>> interpreted(const Graph& graph, const std::vector<std::vector<Bytes>>& records) {
  EXPECT_TRUE(verify(graph).ok());
  auto interpreter = Interpreter::create(graph);
  EXPECT_TRUE(interpreter.ok()) << interpreter.error().text();
  std::vector<std::vector<Bytes>> out;
  for (const auto& record : records) out.push_back(interpreter.value().run(record).value());
  return out;
}

std::vector<std::vector<Bytes>> planned(const Graph& graph, const std::vector<std::vector<Bytes>>& records) {
  auto program = lower_graph(graph, IsaSet{});
  EXPECT_TRUE(program.ok()) << program.error().text();
  const Status plan = plan_memory(program.value());
  EXPECT_TRUE(plan.ok()) << plan.error().text();
  auto out = run_sequence(program.value(), records);
  EXPECT_TRUE(out.ok()) << out.error().text();
  return out.value();
}

TEST(State, SumGoesOnFromRunToRunAndIsRenewedInPlace) {
  const std::vector<std::vector<Bytes>> records = {{numbers({1, 2})}, {numbers({10, 20})}, {numbers({-5, 0})}};
  const std::vector<std::vector<Bytes>> want = {{numbers({101, 202})}, {numbers({111, 222})}, {numbers({106, 222})}};
  EXPECT_EQ(interpreted(running_sum(), records), want);
  EXPECT_EQ(planned(running_sum(), records), want);
  auto program = lower_graph(running_sum(), IsaSet{});
  ASSERT_TRUE(program.ok());
  ASSERT_TRUE(plan_memory(program.value()).ok());
  EXPECT_TRUE(program.value().is_state_in_place(program.value().graph.states[0]));
}

TEST(State, GeneratedCodeBeginsWithTheInitialValues) {
  RunModelOptions options;
  options.board = "host";
  auto run = run_model(running_sum(), {{numbers({1, 2})}, {numbers({10, 20})}}, options);
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_TRUE(run.value().mismatches.empty());
  EXPECT_EQ(run.value().report.records[1].outputs[0], numbers({111, 222}));
}

TEST(State, ResetBeginsAnew) {
  auto interpreter = Interpreter::create(running_sum());
  ASSERT_TRUE(interpreter.ok());
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(interpreter.value().run({numbers({1, 1})}).value(), std::vector<Bytes>{numbers({101, 201})});
    interpreter.value().reset();
  }
}

TEST(State, DelaysPassValuesOnInOrder) {
  const std::vector<std::vector<Bytes>> records = {{numbers({7})}, {numbers({8})}, {numbers({9})}, {numbers({10})}};
  const std::vector<std::vector<Bytes>> want = {{numbers({3})}, {numbers({2})}, {numbers({1})}, {numbers({7})}};
  EXPECT_EQ(interpreted(delays(), records), want);
  EXPECT_EQ(planned(delays(), records), want);
}

TEST(State, CirclesAreRefused) {
  Graph g = delays();
  g.states[0].out = g.states[2].in;
  ASSERT_TRUE(verify(g).ok());
  const auto program = lower_graph(g, IsaSet{});
  ASSERT_FALSE(program.ok());
  EXPECT_NE(program.error().text().find("in a circle"), std::string::npos) << program.error().text();
}

TEST(State, OldValueIsNoOutput) {
  Graph g = running_sum();
  g.outputs.push_back(g.states[0].in);
  const auto program = lower_graph(g, IsaSet{});
  ASSERT_FALSE(program.ok());
  EXPECT_NE(program.error().text().find("old value of state 'total'"), std::string::npos) << program.error().text();
}

TEST(State, VerifierRefusesWhatIsNotOne) {
  const auto refused = [](const char* part, auto damage) {
    Graph g = running_sum();
    damage(g);
    const Status s = verify(g);
    ASSERT_FALSE(s.ok()) << part;
    EXPECT_NE(s.error().text().find(part), std::string::npos) << s.error().text();
  };
  refused("initial value has 2", [](Graph& g) { g.states[0].initial = {0, 0}; });
  refused("not there", [](Graph& g) { g.states[0].out = 17; });
  refused("not there", [](Graph& g) { g.states[0].in = -1; });
  refused("as a state and otherwise", [](Graph& g) { g.states[0].in = g.inputs[0]; });
  refused("assigned s32[3]", [](Graph& g) {
    Tensor t = g.tensor(g.inputs[0]);
    t.name = "other";
    t.shape = {3};
    g.states[0].out = g.add_tensor(std::move(t));
  });
}

TEST(State, TextReadsBack) {
  const Graph g = delays();
  const auto back = parse_graph(print_graph(g));
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back.value(), g);
}

}  // namespace
}  // namespace mote
