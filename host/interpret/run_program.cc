// Kernel calls with pointers into the arena.
#include "host/interpret/run_program.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>

#include "contract/arena.h"

namespace mote {
namespace {

constexpr std::uint8_t kRubbish = 0xA5;

struct alignas(kArenaAlignment) ArenaBlock {
  std::uint8_t bytes[kArenaAlignment];
};

class Runner {
 public:
  explicit Runner(Program& program)
      : p_(program),
        blocks_(static_cast<std::size_t>((program.placement.arena_bytes + kArenaAlignment - 1) / kArenaAlignment)) {
    for (const State& state : p_.graph.states) states_.push_back(state.initial);
  }

  // One run from the inputs to the outputs.
  Result<std::vector<Bytes>> run(const std::vector<Bytes>& inputs) {
    const Graph& g = p_.graph;
    if (!blocks_.empty()) std::fill_n(arena(), blocks_.size() * sizeof(ArenaBlock), kRubbish);
    for (std::size_t s = 0; s < states_.size(); ++s) std::ranges::copy(states_[s], at(g.states[s].in));
    for (std::size_t i = 0; i < inputs.size(); ++i) std::ranges::copy(inputs[i], at(g.inputs[i]));
    for (std::size_t n = 0; n < p_.nodes.size(); ++n) MOTE_TRY(run_node(n));
    for (const std::size_t s : p_.store_order) {
      const State& state = g.states[s];
      const std::int64_t bytes = g.tensor(state.in).size_bytes();
      if (p_.is_stored_constant(state.out)) {
        std::ranges::copy(g.tensor(p_.storage_of(state.out)).data, at(state.in));
      } else if (!p_.is_state_in_place(state)) {
        std::copy_n(at(state.out), bytes, at(state.in));
      }
    }
    for (std::size_t s = 0; s < states_.size(); ++s) {
      std::copy_n(at(g.states[s].in), states_[s].size(), states_[s].begin());
    }
    std::vector<Bytes> out;
    for (const TensorId id : g.outputs) out.emplace_back(at(id), at(id) + g.tensor(id).size_bytes());
    return out;
  }

 private:
  Status run_node(std::size_t n) {
    if (const Fused* run = p_.fused_at(n)) return n == run->first ? run_fused(*run) : Status{};
    for (KernelCall& call : p_.nodes[n].calls) {
      if (call.row->thunk == nullptr) {
        return Error{fmt::format("kernel {} does not run on the host", call.row->name),
                     p_.graph.where(p_.graph.nodes[n]), ""};
      }
      std::vector<void*> pointers = {call.params.bytes.data()};
      for (const KernelArg& arg : call.args) pointers.push_back(pointer(n, call, arg));
      call.row->thunk(pointers.data());
    }
    return {};
  }

  Status run_fused(const Fused& run) {
    for (const Phase& phase : run.phases) {
      for (std::int64_t turn = 0; turn < phase.turns; ++turn) {
        for (const RowCall& row_call : phase.calls) MOTE_TRY(run_rows(run, row_call, turn));
      }
    }
    return {};
  }

  Status run_rows(const Fused& run, const RowCall& row_call, std::int64_t turn) {
    const auto rows = [&](const RowSpan& s) {
      return at(s.tensor) + (s.slot + turn * s.slot_step) * p_.row_bytes(s.tensor);
    };
    if (row_call.call == RowCall::kCarry) {
      const RowSpan& s = row_call.spans.at(0);
      std::copy(rows(s), rows(s) + s.count * p_.row_bytes(s.tensor), at(s.tensor));
      return {};
    }
    KernelCall call = run.calls.at(row_call.call);
    if (call.row->thunk == nullptr) {
      return Error{fmt::format("kernel {} does not run on the host", call.row->name),
                   p_.graph.where(p_.graph.nodes[row_call.node]), ""};
    }
    std::vector<void*> pointers = {call.params.bytes.data()};
    std::size_t span = 0;
    for (const KernelArg& arg : call.args) {
      const bool is_rows = arg.kind == KernelArg::Kind::tensor && !p_.is_stored_constant(arg.tensor);
      pointers.push_back(is_rows ? rows(row_call.spans.at(span++)) : pointer(run.first, call, arg));
    }
    call.row->thunk(pointers.data());
    return {};
  }

  std::uint8_t* arena() { return blocks_[0].bytes; }
  std::uint8_t* at(TensorId id) { return arena() + p_.placement.tensor_offset[static_cast<std::size_t>(id)]; }

  void* pointer(std::size_t n, KernelCall& call, const KernelArg& arg) {
    switch (arg.kind) {
      case KernelArg::Kind::constant: return call.constants[arg.constant].bytes.data();
      case KernelArg::Kind::scratch:
        return call.scratch_bytes == 0 ? nullptr : arena() + p_.placement.scratch_offset[n];
      case KernelArg::Kind::tensor: break;
    }
    if (!p_.is_stored_constant(arg.tensor)) return at(arg.tensor);
    return p_.graph.tensor(p_.storage[static_cast<std::size_t>(arg.tensor)]).data.data();
  }

  Program& p_;
  std::vector<ArenaBlock> blocks_;
  std::vector<Bytes> states_;
};

}  // namespace

Result<std::vector<std::vector<Bytes>>> run_sequence(Program& program, const std::vector<std::vector<Bytes>>& records) {
  const Graph& g = program.graph;
  Runner runner(program);
  std::vector<std::vector<Bytes>> out;
  for (const std::vector<Bytes>& inputs : records) {
    if (inputs.size() != g.inputs.size()) {
      return Error{fmt::format("{} inputs given, the model has {}", inputs.size(), g.inputs.size()), g.source, ""};
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (static_cast<std::int64_t>(inputs[i].size()) != g.tensor(g.inputs[i]).size_bytes()) {
        return Error{fmt::format("input {} has {} bytes", i, inputs[i].size()), g.source, ""};
      }
    }
    MOTE_LET(outputs, runner.run(inputs));
    out.push_back(std::move(outputs));
  }
  return out;
}

Result<std::vector<Bytes>> run_program(Program& program, const std::vector<Bytes>& inputs) {
  MOTE_LET(outputs, run_sequence(program, {inputs}));
  return std::move(outputs.front());
}

}  // namespace mote
