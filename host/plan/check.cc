// The independent checker of a placement.
#include <algorithm>

#include <fmt/format.h>

#include "host/plan/plan.h"

namespace mote {
namespace {

constexpr TensorId kScratch = -2;
constexpr TensorId kNobody = -3;

struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

bool overlap(Range a, Range b) { return a.begin < b.end && b.begin < a.end; }

class Checker {
 public:
  explicit Checker(const Program& program)
      : p_(program), owner_(static_cast<std::size_t>(program.placement.arena_bytes), kNobody) {}

  Status run() {
    for (const State& state : p_.graph.states) MOTE_TRY(write(state.in, "a state"));
    for (const TensorId id : p_.graph.inputs) MOTE_TRY(write(id, "the model's input"));
    for (const State& state : p_.graph.states) MOTE_TRY(read(state.in, "a state, when the inputs are there"));
    for (std::size_t n = 0; n < p_.graph.nodes.size(); ++n) MOTE_TRY(step(n));
    MOTE_TRY(store_states());
    for (const TensorId id : p_.graph.outputs) MOTE_TRY(read(id, "the model's output"));
    return {};
  }

 private:
  // The end of a run: every state gets its new value, and keeps it until the next begins.
  Status store_states() {
    if (p_.store_order.size() != p_.graph.states.size()) return broken(p_.graph.states[0].in, "", "is never stored");
    for (const std::size_t s : p_.store_order) {
      const State& state = p_.graph.states[s];
      MOTE_TRY(read(state.out, "the new value of a state"));
      if (!p_.is_state_in_place(state)) MOTE_TRY(write(state.in, "a state"));
    }
    for (const State& state : p_.graph.states) {
      MOTE_TRY(read(p_.is_state_in_place(state) ? state.out : state.in, "a state, when the run has ended"));
    }
    return {};
  }

  Result<Range> range_of(TensorId id, const std::string& where) {
    const std::int64_t offset = p_.placement.tensor_offset.at(static_cast<std::size_t>(id));
    const Range r{offset, offset + p_.stored_bytes(id)};
    if (r.begin < 0 || r.end > p_.placement.arena_bytes) return broken(id, where, "lies outside the arena");
    return r;
  }

  Error broken(TensorId id, const std::string& where, const std::string& what) const {
    return {fmt::format("the memory plan is wrong: tensor '{}' {}", p_.graph.tensor(id).name, what), where,
            "this is a defect of mote; please report it with the model"};
  }

  Status read(TensorId id, const std::string& where) {
    if (p_.is_stored_constant(id)) return {};
    const TensorId bytes_of = p_.storage[static_cast<std::size_t>(id)];
    MOTE_LET(r, range_of(id, where));
    for (std::int64_t i = r.begin; i < r.end; ++i) {
      const TensorId owner = owner_[static_cast<std::size_t>(i)];
      if (owner == bytes_of) continue;
      return broken(id, where,
                    fmt::format("has lost byte {} of the arena to {}", i,
                                owner == kScratch  ? "a scratch buffer"
                                : owner == kNobody ? "nobody: it was never written"
                                                   : "tensor '" + p_.graph.tensor(owner).name + "'"));
    }
    return {};
  }

  Status write(TensorId id, const std::string& where) {
    MOTE_LET(r, range_of(id, where));
    std::fill(owner_.begin() + r.begin, owner_.begin() + r.end, id);
    return {};
  }

  Status step(std::size_t n) {
    const Node& node = p_.graph.nodes[n];
    const std::string where = p_.graph.where(node);
    if (const Fused* run = p_.fused_at(n)) return n == run->first ? replay(*run) : Status{};
    for (const TensorId id : node.inputs) {
      if (id != kNoTensor) MOTE_TRY(read(id, where));
    }
    const Lowered& lowered = p_.nodes[n];
    if (lowered.is_alias()) return alias(node, where);
    std::vector<Range> busy;  // what this step may not overlap with its scratch
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      MOTE_LET(out, range_of(node.outputs[o], where));
      for (const Range& other : busy) {
        if (overlap(out, other)) return broken(node.outputs[o], where, "overlaps another output");
      }
      busy.push_back(out);
    }
    bool walks = false;  // the output reaches into the input, so that the order of reads and writes matters
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoTensor || p_.is_stored_constant(node.inputs[i])) continue;
      MOTE_LET(in, range_of(node.inputs[i], where));
      for (std::size_t o = 0; o < node.outputs.size(); ++o) {
        const bool allowed = busy[o].begin == in.begin && busy[o].end == in.end &&
                             std::any_of(lowered.in_place.begin(), lowered.in_place.end(), [&](const InPlace& pair) {
                               return pair.output == o && node.inputs[pair.input] == node.inputs[i];
                             });
        if (!overlap(busy[o], in) || allowed) continue;
        if (i != 0 || node.outputs.size() != 1 || !lowered.footprint)
          return broken(node.outputs[o], where, "overwrites an input it is made from");
        walks = true;
      }
      busy.push_back(in);
    }
    if (const std::int64_t bytes = p_.scratch_bytes(n); bytes > 0) {
      const std::int64_t at = p_.placement.scratch_offset[n];
      const Range scratch{at, at + bytes};
      const bool inside = at >= 0 && scratch.end <= p_.placement.arena_bytes;
      if (!inside || std::any_of(busy.begin(), busy.end(), [&](Range r) { return overlap(r, scratch); })) {
        return broken(node.outputs[0], where, "shares bytes with its operator's scratch");
      }
      std::fill(owner_.begin() + scratch.begin, owner_.begin() + scratch.end, kScratch);
    }
    if (walks) return walk(node, lowered, where);
    for (const TensorId id : node.outputs) MOTE_TRY(write(id, where));
    return {};
  }

  // Replays, pixel by pixel and in the order that the kernel promises, which bytes an operator over windows reads and
  // writes. Where reads and writes of a step mix, every write comes before and every read after.
  Status walk(const Node& node, const Lowered& lowered, const std::string& where) {
    const kernels::WalkOrder order = lowered.calls[0].row->order(lowered.calls[0].params.bytes.data());
    const Tensor& x = p_.graph.tensor(node.inputs[0]);
    const Tensor& y = p_.graph.tensor(node.outputs[0]);
    if (order.step_pixels == 0 || x.shape[0] != 1) {
      return broken(node.outputs[0], where, "overwrites an input that its kernel reads in no order");
    }
    MOTE_LET(in, range_of(node.inputs[0], where));
    MOTE_LET(out, range_of(node.outputs[0], where));
    const Footprint& f = *lowered.footprint;
    const TensorId bytes_of = p_.storage[static_cast<std::size_t>(node.inputs[0])];
    const std::int64_t in_pixel = x.shape[3] * size_bytes(x.type);
    const std::int64_t out_pixel = y.shape[3] * size_bytes(y.type);
    const std::int64_t pixels = y.shape[1] * y.shape[2];
    std::vector<bool> kept(static_cast<std::size_t>(order.reads_once ? in.end - in.begin : 0));

    // Whether the window of pixel q still has the bytes [from, to) of every pixel in it.
    const auto lost = [&](std::int64_t q, std::int64_t from, std::int64_t to) -> std::int64_t {
      for (std::int64_t i = 0; i < f.window_h; ++i) {
        const std::int64_t row = q / y.shape[2] * f.stride_h - f.pad_top + i;
        if (row < 0 || row >= x.shape[1]) continue;
        for (std::int64_t j = 0; j < f.window_w; ++j) {
          const std::int64_t column = q % y.shape[2] * f.stride_w - f.pad_left + j;
          if (column < 0 || column >= x.shape[2]) continue;
          for (std::int64_t b = from; b < to; ++b) {
            const std::int64_t byte = (row * x.shape[2] + column) * in_pixel + b;
            if (order.reads_once && kept[static_cast<std::size_t>(byte)]) continue;
            if (owner_[static_cast<std::size_t>(in.begin + byte)] != bytes_of) return in.begin + byte;
            if (order.reads_once) kept[static_cast<std::size_t>(byte)] = true;
          }
        }
      }
      return -1;
    };
    const std::int64_t slices =
        order.slice_channels == 0 ? 1 : (x.shape[3] + order.slice_channels - 1) / order.slice_channels;
    for (std::int64_t s = 0; s < slices; ++s) {
      // A slice takes the same channels of input and output, which then have as many bytes to a pixel.
      const std::int64_t from = s * order.slice_channels * size_bytes(x.type);
      const auto end_of = [&](std::int64_t pixel_bytes) {
        return slices == 1 ? pixel_bytes : std::min(pixel_bytes, from + order.slice_channels * size_bytes(x.type));
      };
      for (std::int64_t q = 0; q < pixels;) {
        const std::int64_t end = q + order.step_pixels <= pixels ? q + order.step_pixels : q + 1;
        for (const bool after : {false, true}) {
          if (after) {
            for (std::int64_t i = q; i < end; ++i) {
              const std::int64_t at = out.begin + i * out_pixel;
              std::fill(owner_.begin() + at + from, owner_.begin() + at + end_of(out_pixel), node.outputs[0]);
            }
            if (order.reads_ahead) break;
          }
          for (std::int64_t i = q; i < end; ++i) {
            if (const std::int64_t byte = lost(i, from, end_of(in_pixel)); byte >= 0) {
              return broken(node.outputs[0], where,
                            fmt::format("overwrites byte {} of an input before pixel {} has read it", byte, i));
            }
          }
        }
        q = end;
      }
    }
    return {};
  }

  // Replays a run call by call. Of tensors that are never whole it minds which row a byte belongs to, too.
  Status replay(const Fused& run) {
    std::vector<std::int64_t> row_at(owner_.size(), -1);
    const auto is_window = [&](TensorId id) {
      return std::any_of(run.windows.begin(), run.windows.end(), [&](const auto& w) { return w.tensor == id; });
    };
    for (const Phase& phase : run.phases) {
      for (std::int64_t turn = 0; turn < phase.turns; ++turn) {
        for (const RowCall& call : phase.calls) MOTE_TRY(replay(run, call, turn, is_window, row_at));
      }
    }
    return {};
  }

  template <class IsWindow>
  Status replay(const Fused& run, const RowCall& call, std::int64_t turn, const IsWindow& is_window,
                std::vector<std::int64_t>& row_at) {
    const Node& node = p_.graph.nodes[call.node];
    const std::string where = p_.graph.where(node);
    const TensorId y = node.outputs[0];
    Range out;
    std::int64_t out_first = 0;
    std::int64_t out_count = 0;
    std::vector<std::pair<RowSpan, Range>> reads;
    for (const RowSpan& span : call.spans) {
      RowSpan now = span;
      now.first += turn * span.first_step;
      now.slot += turn * span.slot_step;
      const std::int64_t row = p_.row_bytes(now.tensor);
      MOTE_LET(all, range_of(now.tensor, where));
      const Range r{all.begin + now.slot * row, all.begin + (now.slot + now.count) * row};
      if (now.slot < 0 || r.end > all.end || (!is_window(now.tensor) && now.slot != now.first)) {
        return broken(now.tensor, where, "is used beyond the rows it has");
      }
      if (now.tensor == y && call.call != RowCall::kCarry) {
        out = r;
        out_first = now.first;
        out_count = now.count;
      } else {
        reads.emplace_back(now, r);
      }
    }
    for (const auto& [span, r] : reads) {
      const std::int64_t row = p_.row_bytes(span.tensor);
      const TensorId bytes_of = p_.storage[static_cast<std::size_t>(span.tensor)];
      for (std::int64_t i = r.begin; i < r.end; ++i) {
        const std::int64_t logical = span.first + (i - r.begin) / row;
        const bool kept = owner_[static_cast<std::size_t>(i)] == bytes_of &&
                          (!is_window(span.tensor) || row_at[static_cast<std::size_t>(i)] == logical);
        if (!kept) return broken(span.tensor, where, fmt::format("has lost row {} when it is read", logical));
      }
    }
    if (call.call == RowCall::kCarry) {
      const auto& [span, r] = reads.at(0);
      const std::int64_t begin = r.begin - span.slot * p_.row_bytes(span.tensor);
      std::copy(row_at.begin() + r.begin, row_at.begin() + r.end, row_at.begin() + begin);
      std::fill_n(owner_.begin() + begin, r.end - r.begin, span.tensor);
      return {};
    }
    const Lowered& lowered = p_.nodes[call.node];
    const Footprint f = lowered.footprint.value_or(Footprint{});
    for (const auto& [span, r] : reads) {
      const std::int64_t height = p_.graph.tensor(span.tensor).shape[1];
      const std::int64_t first = std::max<std::int64_t>(0, out_first * f.stride_h - f.pad_top);
      const std::int64_t end = std::min(height, (out_first + out_count - 1) * f.stride_h - f.pad_top + f.window_h);
      if (span.first > first || span.first + span.count < end) {
        return broken(span.tensor, where, fmt::format("lacks rows of {} to {}", first, end));
      }
      const bool by_element = !lowered.footprint && out.begin <= r.begin;
      if (overlap(out, r) && !by_element) return broken(y, where, "overwrites an input it is made from");
    }
    if (const std::int64_t bytes = p_.scratch_bytes(run.first); bytes > 0) {
      const std::int64_t at = p_.placement.scratch_offset[run.first];
      const Range scratch{at, at + bytes};
      bool apart = at >= 0 && scratch.end <= p_.placement.arena_bytes && !overlap(scratch, out);
      for (const auto& [span, r] : reads) apart = apart && !overlap(scratch, r);
      if (!apart) return broken(y, where, "shares bytes with its operator's scratch");
      std::fill(owner_.begin() + scratch.begin, owner_.begin() + scratch.end, kScratch);
    }
    std::fill(owner_.begin() + out.begin, owner_.begin() + out.end, y);
    for (std::int64_t i = out.begin; i < out.end; ++i) {
      row_at[static_cast<std::size_t>(i)] = out_first + (i - out.begin) / p_.row_bytes(y);
    }
    return {};
  }

  // The output is the input's bytes: it must lie where they lie.
  Status alias(const Node& node, const std::string& where) {
    if (p_.is_stored_constant(node.inputs[0])) return {};
    MOTE_LET(in, range_of(node.inputs[0], where));
    MOTE_LET(out, range_of(node.outputs[0], where));
    if (in.begin != out.begin || in.end != out.end)
      return broken(node.outputs[0], where, "lies elsewhere than its source");
    return {};
  }

  const Program& p_;
  std::vector<TensorId> owner_;  // per arena byte
};

}  // namespace

Status check_placement(const Program& program) { return Checker(program).run(); }

}  // namespace mote
