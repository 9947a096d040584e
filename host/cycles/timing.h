// Timing tables: what ports/timing says about a core's clock cycles, and the rules its pipeline follows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/instruction.h"

namespace mote {

// One class of instructions. All numbers are clock cycles.
struct ClassTiming {
  double cycles = 1;    // until the next instruction may begin
  double per_word = 0;  // and for every register of a list
  double latency = 0;   // until a following instruction may use the result; at least `cycles`
  double busy = 0;      // until its unit takes the next instruction; 0: as `cycles`
  std::string unit;     // instructions of one unit wait for each other
};

// What depends on neighbours. Zero: the core does not do that.
struct TimingRules {
  double load_tail = 0;             // a single load, unless the next is a single access that needs nothing of it
  double store_tail = 0;            // a single store, unless the next is a single access
  double store_then_load = 0;       // a store with a constant offset, before any load
  double after_register_store = 0;  // less for a store with register offset before a nop
  double write_back_chain = 0;    // 1: an access that changes its address register is not pipelined into one that uses
                                  // it; 2: nor any access into one that changes its own
  double address_early = 0;       // an address made by the instruction before is late by this much
  double address_after_load = 0;  // the same, made by a load
  double shifted_early = 0;       // operands that are shifted or extracted are needed earlier
  double multiply_early = 0;      // factors that a load made are needed earlier
  double stored_late = 0;         // stored values are needed later
  double accumulated_late = 0;    // accumulators are needed later
  double it_folds = 0;            // 1: IT after a 16-bit instruction is free
  double refill_immediate = 0;    // taken branches, by where their target comes from
  double refill_register = 0;
  double refill_load = 0;
  double refill_loop = 0;
  double refill_wide = 0;       // and when the target is a 32-bit instruction across words
  double flags_then_taken = 0;  // a paired branch, taken right after its flags were set
  double mispredicted = 0;      // a branch with a predictor that went the less common way
  double loops_mispredicted =
      0;                    // with a predictor of the last backward branch: an innermost loop's first and last turn
  double flags_late = 0;    // flags of a multiplication of 16 bits, or of a logic operation with a rotated constant
  double unaligned = 0;     // an access across its natural boundary
  double pairs_narrow = 0;  // 1: a 16-bit branch, IT or NOP runs along with the 16-bit instruction before it
  double pairs_units = 0;   // 1: two instructions begin together unless `conflicts` says otherwise
};

struct TimingTable {
  std::string name;
  std::string description;
  std::string architecture;        // "thumb" or "riscv"
  std::vector<std::string> cores;  // of ours that it is the default of
  double band_percent = 0;         // what an estimate without wait states may be wrong by; 0: not known
  std::string rests_on;
  std::array<ClassTiming, kTimingClasses> classes;
  TimingRules rules;
  std::vector<std::string> conflicts;  // "unit unit"
  std::vector<std::string> sources;    // of all lines, without repetition

  [[nodiscard]] const ClassTiming& of(const Instruction& in) const {
    return classes[static_cast<std::size_t>(in.timing)];
  }
  [[nodiscard]] bool conflict(const std::string& a, const std::string& b) const;
};

[[nodiscard]] std::vector<std::string> timing_names();
// By name, by the name of a core, or by the path of a .toml file.
// Errors: unknown (the known ones are listed); a file that is not understood, with the key.
Result<TimingTable> load_timing(std::string_view name_or_path);

}  // namespace mote
