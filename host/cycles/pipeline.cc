// The rules of timing.h, applied.
#include "host/cycles/pipeline.h"

#include <algorithm>
#include <bit>

namespace mote {
namespace {

using enum TimingClass;

bool is_access(const Instruction& in) { return in.is_single_load() || in.is_single_store(); }

bool is_any_load(const Instruction& in) {
  return in.is_single_load() || in.timing == load_pair || in.timing == load_multiple || in.timing == load_multiple_pc ||
         in.timing == load_pc || in.timing == fp_load_double || in.timing == fp_load_multiple;
}

bool is_multiplication(const Instruction& in) {
  return in.timing == mul || in.timing == mac || in.timing == mul_long || in.timing == mac_long;
}

}  // namespace

// Cycles that the instruction before takes longer because of what follows it.
double Pipeline::tail(const Instruction& next) const {
  const TimingRules& rules = table_.rules;
  if (last_.is_single_load()) {
    const bool needs_it = (next.address & last_.writes) != 0;
    const bool needs_base = rules.write_back_chain > 0 && last_.writes_back && (next.address & last_.address) != 0;
    const bool is_alone = rules.write_back_chain > 1 && next.writes_back;
    if (next.timing == nop || (is_access(next) && !needs_it && !needs_base && !is_alone)) return 0;
    return rules.load_tail;
  }
  if (last_.is_single_store()) {
    if (last_.timing == store_register) {
      return next.timing == nop ? -rules.after_register_store : is_access(next) ? 0 : rules.store_tail;
    }
    if (rules.store_tail > 0) return is_access(next) ? 0 : rules.store_tail;
    return is_any_load(next) ? rules.store_then_load : 0;
  }
  return 0;
}

double Pipeline::refill(const Instruction& target, std::uint64_t address) const {
  const TimingRules& rules = table_.rules;
  double out = 0;
  switch (last_.timing) {
    case loop_end: return rules.refill_loop;
    case load_pc:
    case load_multiple_pc:
    case table_branch: out = rules.refill_load; break;
    case branch_register:
    case call_register: out = rules.refill_register; break;
    default: out = rules.refill_immediate; break;
  }
  if (target.bytes == 4 && address % 4 != 0) out += rules.refill_wide;
  if (last_paired_after_flags_) out += rules.flags_then_taken;
  return out;
}

// The first cycle in which all operands are there.
double Pipeline::operands_at(const Instruction& in) const {
  const TimingRules& rules = table_.rules;
  double out = 0;
  for (RegisterSet rest = in.reads; rest != 0; rest &= rest - 1) {
    const int r = std::countr_zero(rest);
    const RegisterSet one = RegisterSet{1} << r;
    const auto at = static_cast<std::size_t>(r);
    if (maker_[at] == nullptr) continue;
    double when = ready_[at];
    if ((in.address & one) != 0) {
      when += by_load_[at] ? rules.address_after_load : rules.address_early;
    } else if ((in.data & one) != 0) {
      when -= rules.stored_late;
    } else if ((in.accumulator & one) != 0) {
      when -= rules.accumulated_late;
    } else if ((in.shifted & one) != 0) {
      when += rules.shifted_early;
    } else if (by_load_[at] && is_multiplication(in)) {
      when += rules.multiply_early;
    }
    out = std::max(out, when);
  }
  return out;
}

// Whether the instruction may begin together with the one before it.
bool Pipeline::pairs(const Instruction& in) const {
  if (!has_last_ || last_is_second_) return false;
  if (table_.rules.pairs_narrow > 0) {
    const bool is_second = in.timing == branch_if || in.timing == branch || in.timing == if_then || in.timing == nop;
    return in.bytes == 2 && is_second && last_.bytes == 2 && !last_.is_branch();
  }
  if (table_.rules.pairs_units == 0) return false;
  const ClassTiming& a = table_.of(last_);
  const ClassTiming& b = table_.of(in);
  if (a.cycles > 1 || b.cycles > 1 || a.unit == "alone" || b.unit == "alone") return false;
  if (table_.conflict(a.unit, b.unit)) return false;
  // Two loads meet in one bank of memory when they are an even number of words apart.
  if (last_.is_single_load() && in.is_single_load() && last_.knows_offset && in.knows_offset &&
      last_.address == in.address && ((last_.offset ^ in.offset) & 4) == 0) {
    return false;
  }
  return operands_at(in) <= last_start_;
}

Pipeline::Cost Pipeline::step(const Instruction& in, std::uint64_t address, bool taken) {
  const TimingRules& rules = table_.rules;
  const ClassTiming& timing = table_.of(in);
  Cost cost;
  if (has_last_) {
    cost.before = tail(in) + (taken ? refill(in, address) : 0);
    now_ += cost.before;
  }
  const bool is_pair = !taken && pairs(in);
  const bool is_folded = rules.it_folds > 0 && in.timing == if_then && has_last_ && !taken && last_.bytes == 2;
  double start = is_pair ? last_start_ : std::max(now_, operands_at(in));
  if (!timing.unit.empty() && timing.busy > 0 && !is_pair) start = std::max(start, unit_free_[timing.unit]);
  const bool has_late_flags = in.sets_flags && (in.timing == mul || (in.timing == alu_shifted && in.shifted == 0));
  const double cycles =
      is_folded ? 0 : timing.cycles + timing.per_word * in.words + (has_late_flags ? rules.flags_late : 0);
  const double end = is_pair ? std::max(now_, start + cycles) : start + cycles;
  if (!timing.unit.empty() && timing.busy > 0) unit_free_[timing.unit] = start + timing.busy;
  cost.own = is_pair && rules.pairs_narrow > 0 ? 0 : end - now_;
  last_paired_after_flags_ = is_pair && rules.pairs_narrow > 0 && last_.sets_flags;
  now_ += cost.own;
  for (RegisterSet rest = in.writes; rest != 0; rest &= rest - 1) {
    const auto r = static_cast<std::size_t>(std::countr_zero(rest));
    ready_[r] = start + std::max(cycles, timing.latency);
    maker_[r] = &timing;
    by_load_[r] = is_any_load(in);
  }
  last_ = in;
  has_last_ = true;
  last_start_ = start;
  last_is_second_ = is_pair;
  return cost;
}

}  // namespace mote
