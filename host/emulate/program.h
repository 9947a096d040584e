// Runs any bare-metal program on an emulated machine that has memory where it needs it, and traces a part of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/trace.h"
#include "host/emulate/board.h"
#include "host/emulate/elf.h"

namespace mote {

struct Machine {
  std::string name;
  std::string core;
  Emulator emulator;
  std::vector<Region> memory;
};

// The board's own machine, or the first of ports/machines.toml, that the program fits.
// Errors: a program for another core than the board's, or for no core that we know; memory that no machine has.
Result<Machine> find_machine(const Elf& elf, const Board& board, const std::string& where);

// "0x1234", or the name of a symbol that is there once. Errors: neither, with similar names.
Result<std::uint64_t> find_address(const Elf& elf, std::string_view symbol_or_address, const std::string& where);

struct TraceOptions {
  std::uint64_t from = 0;     // the instruction that opens a window
  std::uint64_t to = 0;       // the instruction before which it closes
  std::uint64_t windows = 1;  // after so many the program is stopped; 0: when it ends
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
};

// Runs the program in a scratch folder until the last window closed. Errors: a window that was never opened or closed,
// with where the program was; a missing emulator (its Debian package is named).
Result<Trace> trace_program(const std::filesystem::path& program, const Elf& elf, const Machine& machine,
                            const TraceOptions& options);

}  // namespace mote
