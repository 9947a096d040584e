// What the profiling plugin saw of a run (tools/qemu_count/profile.c says how it is written).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "host/base/result.h"

namespace mote {

struct TracedInstruction {
  std::uint64_t address = 0;
  std::array<std::uint8_t, 8> code{};  // in the order of memory
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t unaligned = 0;
};

struct TracedBlock {
  std::vector<TracedInstruction> instructions;  // at least one
};

struct TracedCall {
  std::uint64_t parent = 0;
  std::uint64_t entry = 0;               // 0: a window, whose parent is 0
  std::uint64_t lowest_sp = UINT64_MAX;  // the lowest stack pointer that was seen in it; all ones: none
};

struct TracedWindow {
  std::uint64_t instructions = 0;  // that the emulator executed
  std::uint64_t call = 0;
  std::uint64_t sp = 0;  // when it was opened; 0: not known
};

// A device register that the program waited for, and how many made-up values it was given.
struct TracedWait {
  std::uint64_t address = 0;
  std::uint64_t count = 0;
};

// Instructions [first, last), perhaps none, of a block ran `count` times after the block `previous` (0: unknown), in
// the call `call`.
struct TracedEdge {
  std::uint64_t call = 0;
  std::uint64_t block = 0;
  std::uint64_t previous = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t unaligned = 0;
};

struct Trace {
  std::map<std::uint64_t, TracedBlock> blocks;
  std::map<std::uint64_t, TracedCall> calls;  // without the root, 0
  std::vector<TracedEdge> edges;
  std::vector<TracedWindow> windows;
  std::vector<TracedWait> waits;
  std::uint64_t hang = 0;  // the endless loop of one instruction that ended the run; 0: none
};

// Errors: unreadable; cut in the middle; references to what is not there.
Result<Trace> read_trace(const std::filesystem::path& path);

}  // namespace mote
