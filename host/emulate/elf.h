// A reader for what the reports need of an ELF program: sections, load segments, symbols.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace mote {

struct ElfSection {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  bool is_allocated = false;  // has a place in the running program
  bool is_code = false;
  bool is_writable = false;
  bool has_contents = false;  // false: zeroed at start
};

struct ElfSegment {
  std::uint64_t load_address = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t address = 0;  // where the program sees it
  std::uint64_t bytes = 0;    // there
  std::uint64_t file_offset = 0;
};

struct ElfSymbol {
  std::string name;           // demangled
  std::uint64_t address = 0;  // without the Thumb bit
  std::uint64_t bytes = 0;
  bool is_function = false;
};

struct Elf {
  bool is_64_bit = false;
  unsigned machine = 0;           // EM_ARM, EM_RISCV, ...
  unsigned arm_architecture = 0;  // Tag_CPU_arch of the build attributes; 0: not stated
  std::uint64_t entry = 0;        // without the Thumb bit; 0: none
  std::vector<ElfSection> sections;
  std::vector<ElfSegment> segments;  // that are loaded
  std::vector<ElfSymbol> symbols;    // sorted by address

  // The address of the only symbol of that name, or of the only function of that name whatever its parameters are;
  // nothing when there is none or there are several.
  [[nodiscard]] std::optional<std::uint64_t> address_of(std::string_view name) const;
  // The function whose code covers the address, or "".
  [[nodiscard]] std::string function_at(std::uint64_t address) const;
};

// Errors: unreadable; not a little-endian ELF file; tables outside the file.
Result<Elf> read_elf(const std::filesystem::path& path);

}  // namespace mote
