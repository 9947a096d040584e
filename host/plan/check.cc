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
    for (const TensorId id : p_.graph.inputs) MOTE_TRY(write(id, "the model's input"));
    for (std::size_t n = 0; n < p_.graph.nodes.size(); ++n) MOTE_TRY(step(n));
    for (const TensorId id : p_.graph.outputs) MOTE_TRY(read(id, "the model's output"));
    return {};
  }

 private:
  Result<Range> range_of(TensorId id, const std::string& where) {
    const std::int64_t offset = p_.placement.tensor_offset.at(static_cast<std::size_t>(id));
    const Range r{offset, offset + p_.graph.tensor(id).size_bytes()};
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
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoTensor || p_.is_stored_constant(node.inputs[i])) continue;
      MOTE_LET(in, range_of(node.inputs[i], where));
      for (std::size_t o = 0; o < node.outputs.size(); ++o) {
        const bool allowed = busy[o].begin == in.begin &&
                             std::any_of(lowered.in_place.begin(), lowered.in_place.end(), [&](const InPlace& pair) {
                               return pair.output == o && node.inputs[pair.input] == node.inputs[i];
                             });
        if (overlap(busy[o], in) && !allowed)
          return broken(node.outputs[o], where, "overwrites an input it is made from");
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
    for (const TensorId id : node.outputs) MOTE_TRY(write(id, where));
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
