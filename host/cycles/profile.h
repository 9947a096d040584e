// Cycles of a traced run by instruction and by call.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/timing.h"
#include "host/cycles/trace.h"

namespace mote {

// The memory that code is fetched from. Without wait states, nothing is added.
struct FetchModel {
  std::uint64_t origin = 0;
  std::uint64_t bytes = 0;
  int wait_states = 0;
  int line_bytes = 16;      // fetched at once
  int cached_lines = 0;     // of an instruction cache; 0: none
  bool prefetches = false;  // the next line is fetched while this one runs
};

struct Cost {
  std::uint64_t instructions = 0;
  double cycles = 0;
  std::uint64_t reads = 0;  // accesses
  std::uint64_t writes = 0;

  Cost& operator+=(const Cost& other);
};

struct InstructionCost {
  Cost cost;
  TimingClass timing = TimingClass::unknown;
};

struct CallCost {
  std::uint64_t parent = 0;
  std::uint64_t entry = 0;
  std::uint64_t count = 0;  // how often it was called
  Cost self;
  Cost total;                     // with all calls below
  std::uint64_t stack_bytes = 0;  // the most that it and all below had on the stack, from where the window began
};

struct WindowCost {
  Cost cost;
  std::uint64_t stack_bytes = 0;
  bool is_rest = false;  // this and all after it together: more windows than are kept apart
};

struct Profile {
  Cost total;
  double fetch_stalls = 0;                                // of the cycles
  std::map<std::uint64_t, InstructionCost> instructions;  // by address
  std::map<std::uint64_t, CallCost> calls;                // 0 is where the window began
  std::vector<WindowCost> windows;
  std::uint64_t window_count = 0;
};

// Errors: the trace's instructions are not as many as the emulator executed (a fault or an interrupt inside a block).
Result<Profile> profile_trace(const Trace& trace, const TimingTable& table, const FetchModel& fetch = {});

}  // namespace mote
