// Random programs in one planned arena: what overlaps does not change a byte.
//   MOTE_SEED=7  replays the program of one seed
#include <cstdlib>

#include <fmt/format.h>

#include "host/interpret/run_program.h"
#include "host/ir/text.h"
#include "host/plan/fuse.h"
#include "host/plan/plan.h"
#include "tests/random_program.h"

namespace mote {
namespace {

constexpr std::uint32_t kPrograms = 800;

// How often what this test is about was there.
struct Seen {
  int overlaps = 0;  // tensors that share bytes with an input of their node
  int fused = 0;     // runs of nodes in bands of rows
};

void count_overlaps(const Program& program, Seen& seen) {
  const auto range = [&](TensorId id) {
    const std::int64_t at = program.placement.tensor_offset[static_cast<std::size_t>(id)];
    return std::pair(at, at + program.graph.tensor(id).size_bytes());
  };
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    const Node& node = program.graph.nodes[n];
    if (!program.nodes[n].footprint || program.is_stored_constant(node.inputs[0])) continue;
    const auto x = range(node.inputs[0]);
    const auto y = range(node.outputs[0]);
    if (x.first < y.second && y.first < x.second) ++seen.overlaps;
  }
}

// Fuses what it can, from a random node on, in random lengths and bands.
void fuse(Program& program, std::mt19937& rng, Seen& seen) {
  for (std::size_t first = rng() % 2; first < program.nodes.size();) {
    const std::size_t last = first + 1 + rng() % 3;
    std::optional<Fused> run;
    if (last < program.nodes.size())
      run = fuse_rows(program, first, last, 1 + static_cast<std::int64_t>(rng() % 3), IsaSet{});
    first = run ? last + 1 : first + 1;
    if (!run) continue;
    program.fused.push_back(*std::move(run));
    ++seen.fused;
  }
}

// What is wrong with the planned program.
std::string problem(const Graph& graph, Program& program, std::mt19937& rng) {
  if (const Status planned = plan_memory(program); !planned.ok()) return planned.error().text();
  auto interpreter = Interpreter::create(graph);
  if (!interpreter.ok()) return interpreter.error().text();
  for (int run = 0; run < 3; ++run) {
    std::vector<Bytes> inputs;
    for (const TensorId id : graph.inputs) inputs.push_back(testing::random_bytes(graph.tensor(id), rng));
    auto want = interpreter.value().run(inputs);
    auto got = run_program(program, inputs);
    if (!want.ok()) return want.error().text();
    if (!got.ok()) return got.error().text();
    if (want.value() != got.value()) return "outputs differ";
  }
  return "";
}

std::string problem(const Graph& graph, std::uint32_t seed, Seen& seen) {
  auto program = lower_graph(graph, IsaSet{});
  if (!program.ok()) return "";  // an output is constant
  std::mt19937 rng(seed);
  if (std::string text = problem(graph, program.value(), rng); !text.empty()) return text;
  count_overlaps(program.value(), seen);
  fuse(program.value(), rng, seen);
  if (std::string text = problem(graph, program.value(), rng); !text.empty()) return "fused: " + text;
  return "";
}

TEST(RandomPlans, ProgramsComputeTheSameInOneArena) {
  const char* fixed = std::getenv("MOTE_SEED");
  const std::uint32_t first = fixed == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(fixed, nullptr, 10));
  const std::uint32_t count = fixed == nullptr ? kPrograms : 1;
  Seen seen;
  for (std::uint32_t seed = first; seed < first + count; ++seed) {
    const Graph graph = testing::RandomProgram(seed).make();
    const Status valid = verify(graph);
    ASSERT_TRUE(valid.ok()) << "seed " << seed << ": " << valid.error().text();
    ASSERT_EQ(problem(graph, seed, seen), "") << "replay: MOTE_SEED=" << seed << "\n" << print_graph(graph);
  }
  if (fixed != nullptr) return;
  EXPECT_GE(seen.fused, 100) << "hardly anything could be fused";
  EXPECT_GE(seen.overlaps, 200) << "the planner hardly ever let an output reach into its input";
}

}  // namespace
}  // namespace mote
