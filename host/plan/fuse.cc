// The schedule of a fused run: simulated turn by turn, then equal turns become phases.
#include "host/plan/fuse.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "host/ir/custom_ops.h"
#include "host/ops/op.h"

namespace mote {
namespace {

std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }

// A node of the run: which rows of its inputs make a row of its output.
struct Stage {
  std::size_t node;
  Footprint footprint;
  std::vector<TensorId> inputs;  // activations
  TensorId output;
};

struct Rows {
  std::int64_t first, end;
};

// A tensor of the run while the turns go by.
struct State {
  std::int64_t made = 0;  // rows that exist or did
  std::int64_t base = 0;  // the row in slot 0
};

class Scheduler {
 public:
  Scheduler(const Program& program, std::size_t first, std::size_t last, const IsaSet& isas)
      : p_(program), view_(program.graph), isas_(isas) {
    out_.first = first;
    out_.last = last;
  }

  std::optional<Fused> run(std::int64_t band) {
    for (std::size_t n = out_.first; n <= out_.last; ++n) {
      if (!add_stage(n)) return std::nullopt;
    }
    for (std::size_t s = 0; s + 1 < stages_.size(); ++s) {
      if (!is_inner(s)) return std::nullopt;
    }
    const std::int64_t height = rows_of(stages_.back().output);
    for (std::int64_t made = 0; made < height;) {
      made = std::min(height, made + band);
      if (!turn(made)) return std::nullopt;
    }
    for (const auto& [id, rows] : capacity_) out_.windows.push_back({id, rows});
    compress();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::int64_t rows_of(TensorId id) const { return p_.graph.tensor(id).shape[1]; }

  [[nodiscard]] bool is_image(TensorId id) const {
    const Shape& shape = p_.graph.tensor(id).shape;
    return shape.size() == 4 && shape[0] == 1;
  }

  bool add_stage(std::size_t n) {
    const Node& node = p_.graph.nodes[n];
    const Lowered& lowered = p_.nodes[n];
    if (lowered.calls.size() != 1 || node.outputs.size() != 1 || !is_image(node.outputs[0])) return false;
    if (is_custom_op(node.kind)) return false;  // in place may mean more there than element by element
    Stage stage{n, lowered.footprint.value_or(Footprint{}), {}, node.outputs[0]};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const TensorId id = node.inputs[i];
      const bool by_element = std::any_of(lowered.in_place.begin(), lowered.in_place.end(),
                                          [&](const InPlace& pair) { return pair.input == i; });
      if (id == kNoTensor) continue;
      if (p_.is_stored_constant(id)) {
        if (!lowered.footprint) return false;
        continue;
      }
      if (!is_image(id) || (lowered.footprint ? i != 0 : !by_element)) return false;
      if (!lowered.footprint && p_.graph.tensor(id).shape != p_.graph.tensor(stage.output).shape) return false;
      stage.inputs.push_back(id);
    }
    stages_.push_back(std::move(stage));
    return true;
  }

  // What stage s makes is read in the run only, and by then it may be gone.
  bool is_inner(std::size_t s) {
    const TensorId id = stages_[s].output;
    for (const TensorId out : p_.graph.outputs) {
      if (p_.storage[index(out)] == id) return false;
    }
    for (const mote::State& state : p_.graph.states) {
      if (p_.storage[index(state.out)] == id) return false;
    }
    for (std::size_t n = 0; n < p_.graph.nodes.size(); ++n) {
      for (const TensorId in : p_.graph.nodes[n].inputs) {
        if (in == kNoTensor || p_.storage[index(in)] != id) continue;
        if (n < out_.first || n > out_.last || in != id) return false;
      }
    }
    capacity_[id] = 0;
    return true;
  }

  [[nodiscard]] Rows needed(const Stage& s, TensorId x, Rows y) const {
    const Footprint& f = s.footprint;
    return {std::max<std::int64_t>(0, y.first * f.stride_h - f.pad_top),
            std::min(rows_of(x), (y.end - 1) * f.stride_h - f.pad_top + f.window_h)};
  }

  bool turn(std::int64_t made) {
    std::map<TensorId, std::int64_t> need = {{stages_.back().output, made}};
    for (std::size_t s = stages_.size(); s-- > 0;) {
      const Stage& stage = stages_[s];
      const Rows rows{state_[stage.output].made, need[stage.output]};
      if (rows.end <= rows.first) continue;
      for (const TensorId x : stage.inputs) need[x] = std::max(need[x], needed(stage, x, rows).end);
    }
    std::vector<RowCall> calls;
    for (const Stage& stage : stages_) {
      const Rows rows{state_[stage.output].made, need[stage.output]};
      if (rows.end <= rows.first) continue;
      if (!add_call(stage, rows, calls)) return false;
      State& y = state_[stage.output];
      y.made = rows.end;
      if (const auto at = capacity_.find(stage.output); at != capacity_.end()) {
        at->second = std::max(at->second, y.made - y.base);
      }
    }
    for (const auto& [id, rows] : capacity_) carry(id, calls);
    turns_.push_back(std::move(calls));
    return true;
  }

  // Rows that later turns need move to the front.
  void carry(TensorId id, std::vector<RowCall>& calls) {
    State& t = state_[id];
    std::int64_t keep = t.made;
    bool done = true;
    std::size_t maker = 0;
    for (const Stage& s : stages_) {
      if (s.output == id) maker = s.node;
      if (std::find(s.inputs.begin(), s.inputs.end(), id) == s.inputs.end()) continue;
      const std::int64_t next = state_[s.output].made;
      if (next == rows_of(s.output)) continue;
      done = false;
      keep = std::min(keep, needed(s, id, {next, next + 1}).first);
    }
    if (done || keep <= t.base) return;
    if (keep < t.made) calls.push_back({maker, RowCall::kCarry, {{id, keep, t.made - keep, keep - t.base, 0, 0}}});
    t.base = keep;
  }

  bool add_call(const Stage& stage, Rows rows, std::vector<RowCall>& calls) {
    const Footprint& f = stage.footprint;
    Rows in{0, 0};
    for (const TensorId x : stage.inputs) in = needed(stage, x, rows);
    if (in.end <= in.first) return false;
    const std::int64_t height = rows_of(stage.inputs.at(0));
    const std::int64_t top = std::max<std::int64_t>(0, f.pad_top - rows.first * f.stride_h);
    const std::int64_t bottom =
        std::max<std::int64_t>(0, (rows.end - 1) * f.stride_h - f.pad_top + f.window_h - height);
    const auto key = std::tuple(stage.node, in.end - in.first, rows.end - rows.first, top, bottom);
    auto at = known_.find(key);
    if (at == known_.end()) {
      auto call = lower_rows(stage, in.end - in.first, rows.end - rows.first, top, bottom);
      if (!call) return false;
      at = known_.emplace(key, out_.calls.size()).first;
      out_.calls.push_back(*std::move(call));
    }
    RowCall row_call{stage.node, at->second, {}};
    for (const KernelArg& arg : out_.calls[at->second].args) {
      if (arg.kind != KernelArg::Kind::tensor || p_.is_stored_constant(arg.tensor)) continue;
      const Rows span = arg.tensor == stage.output ? rows : in;
      row_call.spans.push_back(
          {arg.tensor, span.first, span.end - span.first, span.first - state_[arg.tensor].base, 0, 0});
    }
    calls.push_back(std::move(row_call));
    return true;
  }

  // The node as if its tensors had only these rows. The kernel and its constants must be those of its other calls.
  std::optional<KernelCall> lower_rows(const Stage& stage, std::int64_t in, std::int64_t out, std::int64_t top,
                                       std::int64_t bottom) {
    Node node = p_.graph.nodes[stage.node];
    const Footprint& f = stage.footprint;
    if (p_.nodes[stage.node].footprint) {
      const Shape& x = p_.graph.tensor(stage.inputs[0]).shape;
      const Shape& y = p_.graph.tensor(stage.output).shape;
      const std::int64_t right = std::max<std::int64_t>(0, (y[2] - 1) * f.stride_w - f.pad_left + f.window_w - x[2]);
      node.attrs.set("padding", std::string("explicit"));
      node.attrs.set("pads", std::vector<std::int64_t>{top, bottom, f.pad_left, right});
    }
    for (const TensorId x : stage.inputs) view_.tensor(x).shape[1] = in;
    view_.tensor(stage.output).shape[1] = out;
    auto lowered = op_row(node.kind).def->lower(view_, node, isas_);
    for (const TensorId x : stage.inputs) view_.tensor(x).shape[1] = rows_of(x);
    view_.tensor(stage.output).shape[1] = rows_of(stage.output);
    if (!lowered.ok() || lowered.value().calls.size() != 1) return std::nullopt;
    KernelCall& call = lowered.value().calls[0];
    for (const auto& [key, other] : known_) {
      if (std::get<0>(key) != stage.node) continue;
      const KernelCall& before = out_.calls[other];
      const bool same =
          before.row == call.row &&
          std::equal(before.constants.begin(), before.constants.end(), call.constants.begin(), call.constants.end(),
                     [](const Constant& a, const Constant& b) { return a.bytes == b.bytes; });
      if (!same) return std::nullopt;
    }
    return std::move(call);
  }

  // Whether `next` is turn number `turns` of the phase, given what the first two turns say about the steps.
  static bool continues(Phase& phase, const std::vector<RowCall>& next) {
    if (next.size() != phase.calls.size()) return false;
    for (std::size_t c = 0; c < next.size(); ++c) {
      const RowCall& a = phase.calls[c];
      const RowCall& b = next[c];
      if (a.node != b.node || a.call != b.call || a.spans.size() != b.spans.size()) return false;
      for (std::size_t i = 0; i < a.spans.size(); ++i) {
        const RowSpan& s = a.spans[i];
        const RowSpan& t = b.spans[i];
        if (s.tensor != t.tensor || s.count != t.count) return false;
        if (phase.turns == 1) continue;
        if (t.first != s.first + phase.turns * s.first_step || t.slot != s.slot + phase.turns * s.slot_step)
          return false;
      }
    }
    if (phase.turns == 1) {
      for (std::size_t c = 0; c < next.size(); ++c) {
        for (std::size_t i = 0; i < next[c].spans.size(); ++i) {
          RowSpan& s = phase.calls[c].spans[i];
          s.first_step = next[c].spans[i].first - s.first;
          s.slot_step = next[c].spans[i].slot - s.slot;
        }
      }
    }
    ++phase.turns;
    return true;
  }

  void compress() {
    for (std::vector<RowCall>& calls : turns_) {
      if (!out_.phases.empty() && continues(out_.phases.back(), calls)) continue;
      out_.phases.push_back({1, std::move(calls)});
    }
  }

  const Program& p_;
  Graph view_;  // the graph, its tensors for a moment with fewer rows
  IsaSet isas_;
  Fused out_;
  std::vector<Stage> stages_;
  std::map<TensorId, State> state_;
  std::map<TensorId, std::int64_t> capacity_;  // rows that a tensor within the run holds at the most
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>, std::size_t> known_;
  std::vector<std::vector<RowCall>> turns_;
};

}  // namespace

std::optional<Fused> fuse_rows(const Program& program, std::size_t first, std::size_t last, std::int64_t band_rows,
                               const IsaSet& isas) {
  return Scheduler(program, first, last, isas).run(band_rows);
}

std::int64_t fused_lead(const Program& program, const Fused& fused, TensorId x) {
  const TensorId y = program.graph.nodes[fused.last].outputs[0];
  const std::int64_t x_row = program.row_bytes(x);
  const std::int64_t y_row = program.row_bytes(y);
  // Backwards through the calls: the first byte of x that is needed from here on.
  std::int64_t needed = std::numeric_limits<std::int64_t>::max();
  std::int64_t lead = 0;
  for (std::size_t p = fused.phases.size(); p-- > 0;) {
    const Phase& phase = fused.phases[p];
    for (std::int64_t turn = phase.turns; turn-- > 0;) {
      for (std::size_t c = phase.calls.size(); c-- > 0;) {
        const RowCall& call = phase.calls[c];
        std::int64_t read = std::numeric_limits<std::int64_t>::max();
        for (const RowSpan& s : call.spans) {
          if (s.tensor == x) read = (s.first + turn * s.first_step) * x_row;
        }
        for (const RowSpan& s : call.spans) {
          if (s.tensor != y) continue;
          const std::int64_t begin = (s.first + turn * s.first_step) * y_row;
          const std::int64_t end = begin + s.count * y_row;
          if (needed != std::numeric_limits<std::int64_t>::max()) lead = std::max(lead, end - needed);
          // Element by element, an output may take the place of the input it is made from.
          const bool by_element = !program.nodes[call.node].footprint && x_row == y_row;
          if (read != std::numeric_limits<std::int64_t>::max())
            lead = std::max(lead, (by_element ? begin : end) - read);
        }
        needed = std::min(needed, read);
      }
    }
  }
  return lead;
}

}  // namespace mote
