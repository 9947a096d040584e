// A descent over the steps that need the most.
#include "host/plan/reduce.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "host/ops/op.h"
#include "host/plan/buffers.h"
#include "host/plan/fuse.h"
#include "host/plan/place.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

// A kernel with less scratch may cost so many times the best one's instructions,
constexpr double kMaxSlowdown = 3;
// less where time counts as much as RAM,
constexpr double kBalancedSlowdown = 1.25;
// or any number where RAM is the goal and all the slow ones together leave less than this share of the arena.
constexpr double kWorthSlowKernels = 0.95;
// What entering a kernel takes, in its set-up, in the unit of MACs times cost: about 300 instructions.
constexpr double kCallTime = 30000;
// More than the smallest arena, this does not matter, whatever share of it that is.
constexpr double kFewBytes = 512;
// Times so near to each other are alike, and RAM decides.
constexpr double kBalancedTie = 1.02;

// What every step needs at the least; the arena is hardly ever more than the largest.
std::vector<std::int64_t> needs(const Program& program) {
  const Buffers buffers = find_buffers(program);
  std::vector<std::int64_t> out;
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    out.push_back(distinct_bytes(buffers.items, buffers.leads, static_cast<std::int64_t>(n)));
  }
  return out;
}

std::int64_t cost_of(const KernelCall& call) { return call.row->cost(call.params.bytes.data()); }

std::int64_t cost_of(const Lowered& lowered) {
  std::int64_t most = 0;
  for (const KernelCall& call : lowered.calls) most = std::max(most, cost_of(call));
  return most;
}

// What a node costs in a run: the mean over its rows.
double cost_in(const Fused& run, std::size_t node) {
  double cost = 0;
  double rows = 0;
  for (const Phase& phase : run.phases) {
    for (const RowCall& call : phase.calls) {
      if (call.node != node || call.call == RowCall::kCarry) continue;
      const auto made = static_cast<double>(phase.turns * call.spans.back().count);
      cost += made * static_cast<double>(cost_of(run.calls[call.call]));
      rows += made;
    }
  }
  return rows > 0 ? cost / rows : 0;
}

// The best kernels for a node with less scratch than it has now.
std::optional<Lowered> with_less_scratch(const Program& program, std::size_t n, IsaSet isas) {
  const std::int64_t now = program.scratch_bytes(n);
  if (now == 0) return std::nullopt;
  isas.max_scratch_bytes = now - 1;
  const Node& node = program.graph.nodes[n];
  auto lowered = op_row(node.kind).def->lower(program.graph, node, isas);
  if (!lowered.ok()) return std::nullopt;
  return std::move(lowered).value();
}

class Descent {
 public:
  Descent(Program& program, const IsaSet& isas, std::int64_t target, double max_slowdown)
      : p_(program), isas_(isas), target_(target), max_slowdown_(max_slowdown) {
    for (const Lowered& lowered : program.nodes) cheapest_.push_back(cost_of(lowered));
  }

  void run() {
    need_ = needs(p_);
    while (true) {
      const auto peak = std::max_element(need_.begin(), need_.end());
      if (peak == need_.end() || *peak <= target_) return;
      if (!lower(static_cast<std::size_t>(peak - need_.begin()))) return;  // the arena cannot be less than this
    }
  }

 private:
  // Something that could be done about a step.
  struct Choice {
    Program program;
    std::vector<std::int64_t> need;
    std::int64_t highest = 0;  // need of the steps it concerns
  };

  // Takes the choice that lowers step n most; the first that reaches the target is good enough, as those that cost
  // least come first. Whether there was any.
  bool lower(std::size_t n) {
    best_.reset();
    const auto enough = [&] { return best_ && best_->highest <= target_; };
    const Fused* run = p_.fused_at(n);
    if (run != nullptr) {
      fuse(run->first, run->last, p_.scratch_bytes(n) - 1);
    } else {
      smaller_kernel(n);
    }
    for (std::size_t length = 2; length <= kMaxRun && !enough(); ++length) {
      for (std::size_t back = 0; back < length && !enough(); ++back) {
        if (back <= n && n - back + length <= p_.nodes.size())
          fuse(n - back, n - back + length - 1, isas_.max_scratch_bytes);
      }
    }
    if (!best_) return false;
    p_ = std::move(best_->program);
    need_ = std::move(best_->need);
    return true;
  }

  void consider(Program program, std::size_t first, std::size_t last) {
    std::vector<std::int64_t> after = needs(program);
    const auto highest = [&](const std::vector<std::int64_t>& need) {
      return *std::max_element(need.begin() + static_cast<std::ptrdiff_t>(first),
                               need.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    };
    const std::int64_t now = highest(after);
    if (now < (best_ ? best_->highest : highest(need_))) best_ = Choice{std::move(program), std::move(after), now};
  }

  [[nodiscard]] bool is_too_slow(double cost, std::size_t n) const {
    return cost > max_slowdown_ * static_cast<double>(cheapest_[n]);
  }

  void smaller_kernel(std::size_t n) {
    Program other = p_;
    while (auto lowered = with_less_scratch(other, n, isas_)) {
      if (is_too_slow(static_cast<double>(cost_of(*lowered)), n)) return;
      other.nodes[n] = *std::move(lowered);
      consider(other, n, n);
      if (best_) return;
    }
  }

  // The run first..last in bands as high as the target allows, in place of runs that it contains.
  void fuse(std::size_t first, std::size_t last, std::int64_t max_scratch_bytes) {
    Program other = p_;
    std::erase_if(other.fused, [&](const Fused& run) { return first <= run.first && run.last <= last; });
    for (const Fused& run : other.fused) {
      if (first <= run.last && run.first <= last) return;
    }
    IsaSet isas = isas_;
    isas.max_scratch_bytes = max_scratch_bytes;
    for (const std::int64_t band : {8, 4, 2, 1}) {
      auto run = fuse_rows(other, first, last, band, isas);
      if (!run) return;
      for (std::size_t n = first; n <= last; ++n) {
        if (is_too_slow(cost_in(*run, n), n)) return;
      }
      other.fused.push_back(*std::move(run));
      consider(other, first, last);
      other.fused.pop_back();
      if (best_ && best_->highest <= target_) return;
    }
  }

  static constexpr std::size_t kMaxRun = 5;

  Program& p_;
  const IsaSet& isas_;
  std::int64_t target_;
  double max_slowdown_;
  std::vector<std::int64_t> cheapest_;  // per node, the cost of the kernels it came with
  std::vector<std::int64_t> need_;      // per node
  std::optional<Choice> best_;
};

// Where a step of the program needs more than `target_bytes`, and the most of all steps, takes the choice that lowers
// it: a kernel with less scratch, or running several nodes together in bands of rows. Ends when no choice helps. `isas`
// are those the program was lowered for. The placement is not made.
void reduce_memory(Program& program, const IsaSet& isas, std::int64_t target_bytes, double max_slowdown) {
  Descent(program, isas, target_bytes, max_slowdown).run();
}

double bytes(const Program& p) { return static_cast<double>(p.placement.arena_bytes); }

// By what factor a node is slower in bands than whole: kernels take four pixels at a time, and depthwise ones widen
// rows that two bands share twice, which is about half of their time.
double slowdown_in(const Program& p, const Fused& run, std::size_t node) {
  const bool is_depthwise = p.graph.nodes[node].kind == OpKind::depthwise_conv_2d;
  double taken = 0;
  double made = 0;
  double read = 0;
  for (const Phase& phase : run.phases) {
    for (const RowCall& call : phase.calls) {
      if (call.node != node || call.call == RowCall::kCarry) continue;
      const std::int64_t pixels = call.spans.back().count * p.graph.tensor(call.spans.back().tensor).shape.at(2);
      const std::int64_t whole = (pixels + 3) & ~std::int64_t{3};
      taken += static_cast<double>(phase.turns * whole);
      made += static_cast<double>(phase.turns * pixels);
      read += static_cast<double>(phase.turns * call.spans.front().count);
    }
  }
  if (made == 0) return 1;
  const auto rows = static_cast<double>(p.graph.tensor(p.graph.nodes[node].inputs[0]).shape.at(1));
  return taken / made * (is_depthwise ? (1 + read / rows) / 2 : 1);
}

// What multiplications take by the kernels' costs, in no particular unit, and what every call of a run takes beside.
double time_of(const Program& p) {
  double out = 0;
  for (std::size_t n = 0; n < p.nodes.size(); ++n) {
    const double macs = static_cast<double>(op_row(p.graph.nodes[n].kind).def->macs(p.graph, p.graph.nodes[n]));
    const Fused* run = p.fused_at(n);
    out +=
        macs * (run != nullptr ? cost_in(*run, n) * slowdown_in(p, *run, n) : static_cast<double>(cost_of(p.nodes[n])));
  }
  for (const Fused& run : p.fused) {
    for (const Phase& phase : run.phases) {
      out += kCallTime * static_cast<double>(phase.turns * std::ssize(phase.calls));
    }
  }
  return out;
}

Result<Program> smallest(const Program& program, const IsaSet& isas) {
  Program fast = program;
  reduce_memory(fast, isas, 0, kMaxSlowdown);
  MOTE_TRY(plan_memory(fast));
  Program slow = program;
  reduce_memory(slow, isas, 0, std::numeric_limits<double>::infinity());
  MOTE_TRY(plan_memory(slow));
  return bytes(slow) < kWorthSlowKernels * bytes(fast) ? slow : fast;
}

Result<Program> balance(const Program& program, const IsaSet& isas, bool may_unfold) {
  IsaSet folds = isas;
  folds.goal = Goal::ram;
  IsaSet quick = isas;
  quick.goal = Goal::latency;
  MOTE_LET(folded, lower_graph(program.graph, folds));
  MOTE_LET(quickest, lower_graph(program.graph, quick));
  MOTE_LET(least, smallest(folded, folds));
  const double most_time = kBalancedTime * time_of(quickest);
  const double most_bytes = std::max(kBalancedBytes * bytes(least), bytes(least) + kFewBytes);
  struct Candidate {
    Program program;
    double time = 0;
    double excess = 1;  // of the bound that is exceeded most; 1: both are kept
  };
  std::vector<Candidate> found;
  const auto try_from = [&](const Program& start, const IsaSet& sets) -> Status {
    for (const double share : {1.0, 0.9, 0.8, 0.0}) {
      Program other = start;
      reduce_memory(other, sets, static_cast<std::int64_t>(share * most_bytes), kBalancedSlowdown);
      MOTE_TRY(plan_memory(other));
      const double time = time_of(other);
      const double excess = std::max({1.0, bytes(other) / most_bytes, most_time > 0 ? time / most_time : 0});
      found.push_back({std::move(other), time, excess});
    }
    return {};
  };
  MOTE_TRY(try_from(folded, folds));
  if (may_unfold) MOTE_TRY(try_from(program, isas));
  double least_excess = found[0].excess;
  for (const Candidate& c : found) least_excess = std::min(least_excess, c.excess);
  std::erase_if(found, [&](const Candidate& c) { return c.excess > least_excess; });
  double least_time = found[0].time;
  for (const Candidate& c : found) least_time = std::min(least_time, c.time);
  std::erase_if(found, [&](const Candidate& c) { return c.time > kBalancedTie * least_time; });
  return std::move(std::min_element(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
                     return bytes(a.program) < bytes(b.program);
                   })->program);
}

}  // namespace

Status plan_memory_for(Program& program, const IsaSet& isas, bool may_unfold) {
  if (isas.goal != Goal::ram && isas.goal != Goal::balanced) return plan_memory(program);
  MOTE_LET(planned, isas.goal == Goal::ram ? smallest(program, isas) : balance(program, isas, may_unfold));
  program.nodes = std::move(planned.nodes);
  program.fused = std::move(planned.fused);
  program.placement = std::move(planned.placement);
  return {};
}

}  // namespace mote
