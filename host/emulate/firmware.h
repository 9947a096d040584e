// Builds a program for a board from a generated folder and the harness, and measures it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "host/base/result.h"
#include "host/codegen/generated.h"
#include "host/emulate/board.h"
#include "host/emulate/elf.h"

namespace mote {

struct FirmwareOptions {
  std::string optimize = "-Os";
  bool trace = false;     // the code was written with tracing
  bool debug = false;     // with line numbers; the code stays the same
  bool canaries = false;  // the code was written with canaries
};

// Bytes of the whole program: models, kernels, harness, start-up.
struct FirmwareSizes {
  std::uint64_t flash = 0;    // code, constants, initial values of variables
  std::uint64_t code = 0;     // of it, instructions
  std::uint64_t weights = 0;  // of it, what the models state as their weights
  std::uint64_t ram = 0;      // static RAM with the stack's reserve
  std::uint64_t arena = 0;    // of it, the arena that all models share
  std::uint64_t stack = 0;    // of it, the stack's reserve

  [[nodiscard]] std::uint64_t flash_beside_weights() const { return flash - std::min(flash, weights); }
};

struct Firmware {
  Board board;
  GeneratedCode code;
  FirmwareOptions options;
  std::filesystem::path work;     // where it was built, and where it runs
  std::filesystem::path program;  // the ELF file
  Elf elf;
  FirmwareSizes sizes;
  std::string warnings;  // what the compiler and the linker said; empty is what we expect
};

// Compiles and links in the scratch folder `work`, which must exist until the firmware has run.
// Errors: a missing compiler (its Debian package is named); code that does not compile; a program larger than the
// board's flash or RAM, by how many bytes.
Result<Firmware> build_firmware(const Board& board, const GeneratedCode& code, const std::filesystem::path& folder,
                                const std::filesystem::path& work, const FirmwareOptions& options = {});

}  // namespace mote
