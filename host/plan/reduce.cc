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
    for (const Lowered& lowered : program.nodes) {
      std::int64_t most = 0;
      for (const KernelCall& call : lowered.calls) most = std::max(most, cost_of(call));
      cheapest_.push_back(most);
    }
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

  [[nodiscard]] bool is_too_slow(const KernelCall& call, std::size_t n) const {
    return static_cast<double>(cost_of(call)) > max_slowdown_ * static_cast<double>(cheapest_[n]);
  }

  void smaller_kernel(std::size_t n) {
    Program other = p_;
    while (auto lowered = with_less_scratch(other, n, isas_)) {
      for (const KernelCall& call : lowered->calls) {
        if (is_too_slow(call, n)) return;
      }
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
      for (const RowCall& call : run->phases.front().calls) {
        if (call.call != RowCall::kCarry && is_too_slow(run->calls[call.call], call.node)) return;
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

}  // namespace

void reduce_memory(Program& program, const IsaSet& isas, std::int64_t target_bytes, double max_slowdown) {
  Descent(program, isas, target_bytes, max_slowdown).run();
}

Status plan_memory_for(Program& program, const IsaSet& isas) {
  if (isas.goal != Goal::ram && isas.goal != Goal::balanced) return plan_memory(program);
  Program smallest = program;
  reduce_memory(smallest, isas, 0, kMaxSlowdown);
  MOTE_TRY(plan_memory(smallest));
  const auto bytes = [](const Program& p) { return static_cast<double>(p.placement.arena_bytes); };
  if (isas.goal == Goal::ram) {
    Program slow = program;
    reduce_memory(slow, isas, 0, std::numeric_limits<double>::infinity());
    MOTE_TRY(plan_memory(slow));
    program = std::move(bytes(slow) < kWorthSlowKernels * bytes(smallest) ? slow : smallest);
    return {};
  }
  // A placement can need more than its steps do: then they have to do with less, down to what is there.
  const double target = kBalancedFactor * bytes(smallest);
  for (const double share : {1.0, 0.9, 0.8, 0.0}) {
    Program balanced = program;
    reduce_memory(balanced, isas, static_cast<std::int64_t>(share * target), kBalancedSlowdown);
    MOTE_TRY(plan_memory(balanced));
    if (bytes(balanced) > target && share > 0) continue;
    program = std::move(balanced);
    break;
  }
  return {};
}

}  // namespace mote
