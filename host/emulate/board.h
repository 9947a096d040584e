// Boards and cores: what ports/ says about the machines that code is made for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"

namespace mote {

// A processor core and how to compile for it: ports/mcu/<family>/family.toml and <name>.toml.
struct Core {
  std::string name;    // "cortex-m4"
  std::string family;  // "cortex-m"
  std::string description;
  IsaSet isas;  // best first
  std::string compiler;
  std::string package;         // the Debian package of the compiler
  std::string header_package;  // and of its C or C++ headers
  std::vector<std::string> flags;
  std::vector<std::string> link_flags;
  std::vector<std::string> sources;  // paths of embedded files
  std::string sections;              // the shared linker script; empty: the compiler's own (host)
};

struct Region {
  std::uint64_t origin = 0;
  std::uint64_t bytes = 0;
};

struct Emulator {
  std::string program;
  std::string package;  // its Debian package
  std::vector<std::string> arguments;
};

// A board folder: ports/boards/<name>/board.toml, or one of the user's.
struct Board {
  std::string name;
  std::string description;
  std::string notes;
  Core core;
  // Absent on the host, which runs programs itself.
  std::optional<Region> flash;
  std::optional<Region> ram;
  std::uint64_t stack_bytes = 0;  // reserved in RAM
  std::optional<Emulator> emulator;
};

// The names mote knows, sorted.
[[nodiscard]] std::vector<std::string> board_names();
[[nodiscard]] std::vector<std::string> core_names();

// A board by its name, or by the path of a folder with a board.toml.
// Errors: unknown (the known ones are listed); a board.toml that is not understood, with the line or key.
Result<Board> load_board(std::string_view name_or_path);
Result<Core> load_core(std::string_view name);

}  // namespace mote
