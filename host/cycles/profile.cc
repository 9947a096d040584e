// Every edge is timed once, in the pipeline state that its previous block leaves, and counts as often as it ran.
#include "host/cycles/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "host/cycles/pipeline.h"

namespace mote {
namespace {

using EdgeKey = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

struct DecodedBlock {
  const TracedBlock* traced = nullptr;
  std::vector<Instruction> instructions;

  [[nodiscard]] std::uint64_t begin() const { return traced->instructions.front().address; }
  [[nodiscard]] std::uint64_t end() const { return traced->instructions.back().address + instructions.back().bytes; }
};

struct EdgeCost {
  double before = 0;        // added to the last instruction of the previous block
  std::vector<double> own;  // per instruction of [first, last)
  double stalls = 0;        // of them, waiting for code
};

class Profiler {
 public:
  Profiler(const Trace& trace, const TimingTable& table, const FetchModel& fetch)
      : trace_(trace), table_(table), fetch_(fetch) {
    const bool is_thumb = table.architecture == "thumb";
    for (const auto& [id, block] : trace.blocks) {
      DecodedBlock& decoded = blocks_[id];
      decoded.traced = &block;
      for (const TracedInstruction& in : block.instructions) {
        decoded.instructions.push_back(is_thumb ? decode_thumb(in.code) : decode_riscv(in.code));
      }
    }
    for (const TracedEdge& edge : trace.edges) {
      if (edge.previous == 0) continue;
      auto& [straight, taken] = ways_[edge.previous];
      const bool jumps = is_taken(edge);
      (jumps ? taken : straight) += edge.count;
      const DecodedBlock& previous = blocks_.at(edge.previous);
      const std::uint64_t target = blocks_.at(edge.block).begin();
      const std::uint64_t branch = previous.traced->instructions.back().address;
      if (jumps && previous.instructions.back().timing == TimingClass::branch_if && target <= branch) {
        loops_[branch] = target;
      }
    }
    find_cached_lines();
  }

  Result<Profile> run() {
    Profile out;
    out.window_count = trace_.windows.size();
    out.calls[0] = {};
    for (const auto& [id, call] : trace_.calls) out.calls[id] = {call.parent, call.entry, 0, {}, {}, 0};
    for (const auto& [id, block] : blocks_) {
      for (std::size_t i = 0; i < block.instructions.size(); ++i) {
        const TracedInstruction& traced = block.traced->instructions[i];
        InstructionCost& cost = out.instructions[traced.address];
        cost.timing = block.instructions[i].timing;
        cost.cost += {0, static_cast<double>(traced.unaligned) * table_.rules.unaligned, traced.reads, traced.writes};
      }
    }
    for (const TracedEdge& edge : trace_.edges) add(edge, out);
    std::erase_if(out.instructions, [](const auto& entry) { return entry.second.cost.instructions == 0; });
    find_stacks(out);
    // Children have greater numbers than their parents.
    for (auto& [id, call] : out.calls) call.total = call.self;
    for (auto it = out.calls.rbegin(); it != out.calls.rend(); ++it) {
      if (it->first == 0) continue;
      CallCost& parent = out.calls[it->second.parent];
      parent.total += it->second.total;
      parent.stack_bytes = std::max(parent.stack_bytes, it->second.stack_bytes);
    }
    out.total = out.calls[0].total;
    std::uint64_t executed = 0;
    for (std::size_t i = 0; i < trace_.windows.size(); ++i) {
      executed += trace_.windows[i].instructions;
      const bool is_shared = i > 0 && trace_.windows[i].call == trace_.windows[i - 1].call;
      const CallCost& call = out.calls[trace_.windows[i].call];
      if (is_shared) {
        out.windows.back().is_rest = true;
      } else {
        out.windows.push_back({call.total, call.stack_bytes, false});
      }
    }
    if (out.total.instructions != executed) {
      return Error{
          fmt::format("the emulator executed {} instructions, the trace holds {}: a fault interrupted the code",
                      executed, out.total.instructions),
          "", "end the measured code before the fault"};
    }
    fold_windows(out);
    return out;
  }

 private:
  // What each call had on the stack, below where its window began.
  void find_stacks(Profile& out) const {
    std::map<std::uint64_t, std::uint64_t> base;  // by call
    for (const TracedWindow& w : trace_.windows) base[w.call] = std::max(base[w.call], w.sp);
    for (const auto& [id, call] : trace_.calls) {
      if (call.entry != 0) base[id] = base[call.parent];
      if (base[id] > call.lowest_sp) out.calls[id].stack_bytes = base[id] - call.lowest_sp;
    }
  }

  // The call trees of all windows become one.
  static void fold_windows(Profile& out) {
    std::map<std::uint64_t, std::uint64_t> same;                             // by call: the one that stands for it
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> known;  // by parent and entry
    std::map<std::uint64_t, CallCost> folded;
    for (const auto& [id, call] : out.calls) {
      const bool is_window = id == 0 || call.entry == 0;
      const std::uint64_t parent = is_window ? 0 : same.at(call.parent);
      const std::uint64_t own = is_window ? 0 : known.try_emplace({parent, call.entry}, id).first->second;
      same[id] = own;
      CallCost& sum = folded[own];
      sum.parent = parent;
      sum.entry = call.entry;
      sum.count += call.count;
      sum.self += call.self;
      if (id == 0 || !is_window) sum.total += call.total;
      sum.stack_bytes = std::max(sum.stack_bytes, call.stack_bytes);
    }
    out.calls = std::move(folded);
  }

  [[nodiscard]] bool is_taken(const TracedEdge& edge) const {
    return edge.previous != 0 && blocks_.at(edge.previous).end() != blocks_.at(edge.block).begin();
  }

  void add(const TracedEdge& edge, Profile& out) {
    const DecodedBlock& block = blocks_.at(edge.block);
    const EdgeCost& cost = cost_of(edge);
    const auto count = static_cast<double>(edge.count);
    Cost self{0, count * cost.before + static_cast<double>(edge.unaligned) * table_.rules.unaligned, edge.reads,
              edge.writes};
    if (edge.previous != 0) {
      out.instructions[blocks_.at(edge.previous).traced->instructions.back().address].cost.cycles +=
          count * cost.before;
    }
    for (std::size_t i = edge.first; i < edge.last; ++i) {
      const Cost one{edge.count, count * cost.own[i - edge.first], 0, 0};
      out.instructions[block.traced->instructions[i].address].cost += one;
      self += one;
    }
    out.fetch_stalls += count * cost.stalls;
    CallCost& call = out.calls[edge.call];
    call.self += self;
    if (edge.previous == 0 || block.begin() != call.entry) return;
    const TimingClass way = blocks_.at(edge.previous).instructions.back().timing;
    if (way == TimingClass::call || way == TimingClass::call_register) call.count += edge.count;
  }

  const EdgeCost& cost_of(const TracedEdge& edge) {
    const auto [at, is_new] = costs_.try_emplace(EdgeKey{edge.previous, edge.block, edge.first, edge.last});
    if (is_new) at->second = simulate(edge);
    return at->second;
  }

  [[nodiscard]] EdgeCost simulate(const TracedEdge& edge) const {
    Pipeline pipeline(table_);
    EdgeCost out;
    const DecodedBlock& block = blocks_.at(edge.block);
    const bool taken = is_taken(edge);
    if (edge.previous != 0) {
      const DecodedBlock& previous = blocks_.at(edge.previous);
      for (std::size_t i = 0; i < previous.instructions.size(); ++i) {
        pipeline.step(previous.instructions[i], previous.traced->instructions[i].address, false);
      }
      if (previous.instructions.back().timing == TimingClass::branch_if) {
        const auto& [straight, jumps] = ways_.at(edge.previous);
        if (taken ? jumps < straight : straight <= jumps) out.before += table_.rules.mispredicted;
      }
    }
    const bool predicted = is_innermost_loop(edge);
    // The turn that leaves a loop, and the first turn of its next run, for which nothing is remembered any more.
    if (predicted && !taken) out.before += 2 * table_.rules.loops_mispredicted;
    std::uint64_t line = edge.previous != 0 && !taken ? line_of(block.begin() - 1) : UINT64_MAX;
    double since_line = 0;
    for (std::size_t i = edge.first; i < edge.last; ++i) {
      const std::uint64_t address = block.traced->instructions[i].address;
      const auto [own, before] = pipeline.step(block.instructions[i], address, taken && i == 0 && !predicted);
      // What a neighbour adds to an instruction stands with that instruction where it is in the same piece.
      (out.own.empty() ? out.before : out.own.back()) += before;
      out.own.push_back(own);
      const std::uint64_t last_byte = address + block.instructions[i].bytes - 1;
      if (is_slow(address) && line_of(last_byte) != line) {
        const bool follows = line != UINT64_MAX;
        line = line_of(last_byte);
        double stall = cached_.contains(line) ? 0 : fetch_.wait_states;
        if (follows && fetch_.prefetches) stall = std::max(0.0, stall - since_line);
        out.own.back() += stall;
        out.stalls += stall;
        since_line = 0;
      }
      since_line += own + before;
    }
    // A window ends before its last mark runs, but not before control came there.
    if (edge.first == edge.last) {
      const std::uint64_t address = block.traced->instructions[edge.first].address;
      out.before += pipeline.step(block.instructions[edge.first], address, taken && edge.first == 0).before;
    }
    if (edge.previous == 0) {
      if (!out.own.empty()) out.own.front() += out.before;
      out.before = 0;
    }
    return out;
  }

  // Whether a predictor that remembers the last backward branch taken knows the one that ends the previous block.
  [[nodiscard]] bool is_innermost_loop(const TracedEdge& edge) const {
    if (table_.rules.loops_mispredicted == 0 || edge.previous == 0) return false;
    const std::uint64_t branch = blocks_.at(edge.previous).traced->instructions.back().address;
    const auto loop = loops_.find(branch);
    const auto& [straight, jumps] = ways_.at(edge.previous);
    if (loop == loops_.end() || jumps < straight) return false;
    const auto inner = loops_.lower_bound(loop->second);
    return inner == loop;
  }

  [[nodiscard]] bool is_slow(std::uint64_t address) const {
    return fetch_.wait_states > 0 && address >= fetch_.origin && address - fetch_.origin < fetch_.bytes;
  }
  [[nodiscard]] std::uint64_t line_of(std::uint64_t address) const {
    return address / static_cast<std::uint64_t>(fetch_.line_bytes);
  }

  // The cache is taken to hold the lines that run most.
  void find_cached_lines() {
    if (fetch_.wait_states == 0 || fetch_.cached_lines == 0) return;
    std::map<std::uint64_t, std::uint64_t> runs;
    for (const TracedEdge& edge : trace_.edges) {
      const DecodedBlock& block = blocks_.at(edge.block);
      std::set<std::uint64_t> lines;
      for (std::size_t i = edge.first; i < edge.last; ++i) lines.insert(line_of(block.traced->instructions[i].address));
      for (const std::uint64_t line : lines) runs[line] += edge.count;
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> order;
    for (const auto& [line, count] : runs) order.emplace_back(count, line);
    std::ranges::sort(order, std::greater{});
    for (std::size_t i = 0; i < order.size() && i < static_cast<std::size_t>(fetch_.cached_lines); ++i) {
      cached_.insert(order[i].second);
    }
  }

  const Trace& trace_;
  const TimingTable& table_;
  const FetchModel& fetch_;
  std::map<std::uint64_t, DecodedBlock> blocks_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> ways_;  // straight on, taken
  std::map<std::uint64_t, std::uint64_t> loops_;  // backward branches that were taken, and where to
  std::map<EdgeKey, EdgeCost> costs_;
  std::set<std::uint64_t> cached_;
};

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  instructions += other.instructions;
  cycles += other.cycles;
  reads += other.reads;
  writes += other.writes;
  return *this;
}

Result<Profile> profile_trace(const Trace& trace, const TimingTable& table, const FetchModel& fetch) {
  return Profiler(trace, table, fetch).run();
}

}  // namespace mote
