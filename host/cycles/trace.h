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
  std::uint64_t entry = 0;
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
  std::vector<std::uint64_t> windows;  // instructions that the emulator executed in each
};

// Errors: unreadable; cut in the middle; references to what is not there.
Result<Trace> read_trace(const std::filesystem::path& path);

}  // namespace mote
