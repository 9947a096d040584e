// Runs any bare-metal program on an emulated machine that has memory where it needs it, and traces a part of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/trace.h"
#include "host/emulate/board.h"
#include "host/emulate/elf.h"

namespace mote {

// What runs before a program that does not start by itself.
struct Stub {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> code;
};

struct Machine {
  std::string name;
  std::string core;
  Emulator emulator;
  std::vector<Region> memory;
  std::string added_memory;  // options of the plugin; empty: the machine is as QEMU has it
  std::optional<Stub> stub;
};

// A machine with the board's core that has memory wherever the program is linked, device registers that read as what
// was written to them, and starts the program by its vector table (found by its contents), else at its entry point,
// else by calling `call`. With `call`, that function is called in any case. Errors: a program for another core than the
// board's, or for no core that we know; nothing to start it with.
Result<Machine> universal_machine(const std::filesystem::path& program, const Elf& elf, const Board& board,
                                  std::optional<std::uint64_t> call);

// The board's own machine, or the first of ports/machines.toml, that the program fits: for an emulator to which no
// memory can be added.
// Errors: as universal_machine; memory that no machine has.
Result<Machine> find_machine(const Elf& elf, const Board& board, const std::string& where);

// "0x1234", or the name of a symbol that is there once. Errors: neither, with similar names.
Result<std::uint64_t> find_address(const Elf& elf, std::string_view symbol_or_address, const std::string& where);

struct TraceOptions {
  std::uint64_t from = 0;           // the instruction that opens a window
  std::optional<std::uint64_t> to;  // the instruction before which it closes; none: where the function returns to
  std::uint64_t windows = 1;        // after so many the program is stopped; 0: when it ends
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
};

// Runs the program in a scratch folder until the last window closed, or, with fewer windows than asked for, until the
// program ends or hangs. Errors: no window that was opened and closed, with where the program was; a missing emulator
// (its Debian package is named).
Result<Trace> trace_program(const std::filesystem::path& program, const Elf& elf, const Machine& machine,
                            const TraceOptions& options);

}  // namespace mote
