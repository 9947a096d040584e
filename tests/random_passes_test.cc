// Random programs x random orders of passes: the interpreter computes the same before and after.
//   MOTE_SEED=7  replays the program and the order of one seed; a failure prints it with the smallest program that
//   fails
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/ir/text.h"
#include "tests/random_program.h"
#include "tests/reduce.h"

namespace mote {
namespace {

constexpr std::uint32_t kPrograms = 800;
constexpr int kRunsPerProgram = 4;

std::vector<std::string> random_order(std::uint32_t seed) {
  std::mt19937 rng(seed ^ 0x5EEDU);
  std::vector<std::string> out;
  for (std::size_t n = 1 + rng() % 10; n > 0; --n) out.emplace_back(all_passes()[rng() % all_passes().size()].name);
  return out;
}

// What is wrong with running `order`, then the default pipeline until it rests; "" when nothing is.
// Counts in `changes` how often each pass changed something.
std::string problem(const Graph& before, const std::vector<std::string>& order, std::uint32_t seed,
                    std::map<std::string, int>* changes = nullptr) {
  Graph after = before;
  PassOptions options;
  options.only = order;
  options.on_change = [&](const Pass& pass, const Graph&, const Graph&) {
    if (changes != nullptr) ++(*changes)[std::string(pass.name)];
  };
  for (int twice = 0; twice < 2; ++twice, options.only.clear()) {
    if (const Status status = run_passes(after, options); !status.ok()) return status.error().text();
    if (std::string d = testing::first_difference(before, after, seed, kRunsPerProgram); !d.empty()) return d;
  }
  for (const Pass& pass : all_passes()) {
    const auto again = pass.run(after);
    if (!again.ok()) return again.error().text();
    if (again.value())
      return fmt::format("pass {} still finds something to do after the pipeline has come to rest", pass.name);
  }
  return "";
}

std::string report(const Graph& program, const std::vector<std::string>& order, std::uint32_t seed) {
  const Graph small = testing::reduce(program, [&](const Graph& g) { return !problem(g, order, seed).empty(); });
  return fmt::format(
      "{}\nreplay: MOTE_SEED={}\npasses: {}, then the default pipeline\nsmallest program that fails:\n{}",
      problem(small, order, seed), seed, fmt::join(order, " "), print_graph(small));
}

TEST(RandomPasses, ProgramsComputeTheSameBeforeAndAfter) {
  const char* fixed = std::getenv("MOTE_SEED");
  const std::uint32_t first = fixed == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(fixed, nullptr, 10));
  const std::uint32_t count = fixed == nullptr ? kPrograms : 1;
  std::map<std::string, int> changes;
  for (std::uint32_t seed = first; seed < first + count; ++seed) {
    const Graph program = testing::RandomProgram(seed).make();
    const Status valid = verify(program);
    ASSERT_TRUE(valid.ok()) << "seed " << seed << ": " << valid.error().text();
    const auto order = random_order(seed);
    if (!problem(program, order, seed, &changes).empty()) FAIL() << report(program, order, seed);
  }
  if (fixed != nullptr) return;
  for (const Pass& pass : all_passes()) {
    EXPECT_GE(changes[std::string(pass.name)], 20)
        << pass.name << " hardly ever found its pattern: teach it to RandomProgram";
  }
}

// The harness finds a wrong rewrite and shrinks the program to it.
TEST(RandomPasses, AWrongRewriteIsFoundAndReduced) {
  const auto lower_ceiling = [](Graph g) {
    for (Node& node : g.nodes) {
      if (node.kind == OpKind::conv_2d && node.attrs.integer("clamp_max", 127) == 127) {
        node.attrs.set("clamp_max", std::int64_t{60});
      }
    }
    return g;
  };
  const auto fails = [&](const Graph& g) {
    return !testing::first_difference(g, lower_ceiling(g), 1, kRunsPerProgram).empty();
  };
  int found = 0;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Graph program = testing::RandomProgram(seed).make();
    if (!fails(program)) continue;
    ++found;
    const Graph small = testing::reduce(program, fails);
    EXPECT_TRUE(fails(small));
    EXPECT_EQ(small.nodes.size(), 1U) << print_graph(small);
    EXPECT_EQ(small.nodes.at(0).kind, OpKind::conv_2d);
    EXPECT_EQ(small.outputs.size(), 1U);
  }
  EXPECT_GE(found, 5);
}

}  // namespace
}  // namespace mote
