// Choices, measured one after the other.
#include "host/driver/explore.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "host/driver/profile.h"
#include "host/driver/records.h"
#include "host/driver/run.h"
#include "host/ops/op.h"

namespace mote {
namespace {

Result<std::string> board_of(const std::string& core) {
  for (const std::string& name : board_names()) {
    MOTE_LET(board, load_board(name));
    if (board.core.name == core) return name;
  }
  return Error{fmt::format("there is no emulated board with the core {}", core), "",
               "choose one that 'mote boards' shows"};
}

// What tells two compiled programs apart: kernels, placement, compiler level.
std::string fingerprint(const Program& program, const std::string& level) {
  std::string out = level;
  for (const Lowered& node : program.nodes) {
    for (const KernelCall& call : node.calls) out += fmt::format(" {}", call.row->name);
    out += ";";
  }
  for (const std::int64_t offset : program.placement.tensor_offset) out += fmt::format(" {}", offset);
  for (const std::int64_t offset : program.placement.scratch_offset) out += fmt::format(" {}", offset);
  return out + fmt::format(" {}", program.placement.arena_bytes);
}

// Families whose kernel is not the portable one, those with the fewest MACs first: what they lose in time is least.
std::vector<std::string> fast_families(const Program& program) {
  std::map<std::string, std::int64_t> work;
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    for (const KernelCall& call : program.nodes[n].calls) {
      if (call.row->isa != "portable") {
        work[std::string(call.row->family)] +=
            op_row(program.graph.nodes[n].kind).def->macs(program.graph, program.graph.nodes[n]);
      }
    }
  }
  std::vector<std::string> out;
  out.reserve(work.size());
  for (const auto& [family, macs] : work) out.push_back(family);
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return work[a] < work[b]; });
  return out;
}

struct Candidate {
  std::string name;
  CompileOptions options;
};

Result<std::vector<Candidate>> candidates(const Graph& graph, const CompileOptions& base) {
  std::vector<Candidate> out;
  const auto add = [&](std::string name, Goal goal, std::string level, std::vector<std::string> portable) {
    Candidate c{std::move(name), base};
    c.options.goal = goal;
    c.options.level = std::move(level);
    c.options.portable_families = std::move(portable);
    out.push_back(std::move(c));
  };
  for (const Goal goal : {Goal::latency, Goal::balanced, Goal::ram, Goal::flash}) {
    add(std::string(kGoalNames[static_cast<std::size_t>(goal)]), goal, "", {});
  }
  add("latency, -Os", Goal::latency, "-Os", {});
  MOTE_LET(fastest, compile_graph(graph, out[0].options));
  std::vector<std::string> portable;
  for (const std::string& family : fast_families(fastest)) {
    portable.push_back(family);
    add(fmt::format("latency, -Os, portable {}", fmt::join(portable, " ")), Goal::latency, "-Os", portable);
  }
  std::vector<Candidate> different;
  std::map<std::string, bool> seen;
  for (Candidate& c : out) {
    MOTE_LET(program, compile_graph(graph, c.options));
    if (seen.emplace(fingerprint(program, c.options.compiler_level()), true).second) different.push_back(std::move(c));
  }
  return different;
}

}  // namespace

Result<std::vector<Explored>> explore(const Graph& graph, const CompileOptions& options,
                                      const ExploreProgress& progress) {
  MOTE_LET(board, board_of(options.core));
  MOTE_LET(choices, candidates(graph, options));
  const auto inputs = noise_records(graph, 1, 1);
  std::vector<Explored> out;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (progress) progress(i, choices.size(), choices[i].name);
    RunModelOptions run;
    run.board = board;
    run.compile = choices[i].options;
    run.trace_blocks = true;
    run.check = i == 0;  // one comparison with the host shows a broken emulator; the choices are proved by tests
    MOTE_LET(done, run_model(graph, inputs, run));
    MOTE_LET(profile, profile_run(done, {}));
    Explored e{choices[i].options, {}};
    e.point.name = choices[i].name;
    e.point.instructions = static_cast<std::int64_t>(done.report.records.at(0).instructions);
    e.point.cycles = std::llround(profile.total.cycles / static_cast<double>(profile.windows));
    e.point.ram_bytes = done.model.arena_bytes + static_cast<std::int64_t>(done.report.invoke_stack_bytes.at(0));
    e.point.flash_bytes = static_cast<std::int64_t>(done.sizes.flash);
    out.push_back(std::move(e));
  }
  std::vector<ParetoPoint> points;
  for (const Explored& e : out) points.push_back(e.point);
  mark_dominated(points);
  for (std::size_t i = 0; i < out.size(); ++i) out[i].point = points[i];
  return out;
}

}  // namespace mote
