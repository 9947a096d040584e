// Where instructions come from in the source: functions from symbols, lines from DWARF.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"

namespace mote {

struct SourceLine {
  std::string file;
  int line = 0;

  auto operator<=>(const SourceLine&) const = default;
};

// The line table of a program, read by readelf (binutils). A program without DWARF has an empty one.
class LineTable {
 public:
  // Errors: no readelf; it fails.
  static Result<LineTable> read(const std::filesystem::path& program);

  // The line of an instruction; nothing known: an empty file.
  [[nodiscard]] SourceLine at(std::uint64_t address) const;

 private:
  struct Row {
    std::uint64_t address = 0;
    std::size_t file = 0;
    int line = 0;
    bool ends = false;  // the first address beyond a sequence
  };
  std::vector<std::string> files_;
  std::vector<Row> rows_;  // by address
};

}  // namespace mote
