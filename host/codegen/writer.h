// The C++ writer: programs to a folder that stands alone.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "host/base/result.h"
#include "host/codegen/generated.h"
#include "host/program/program.h"

namespace mote {

struct WriterOptions {
  // After every layer, call `extern "C" void mote_trace(std::uint32_t layer, const void* data, std::uint32_t bytes)`,
  // which the firmware provides: for comparing layer by layer.
  bool trace = false;
  // Call mote_mark() before every layer and after the last (ports/marks), and add what takes and prints the time: with
  // the counter cycles_<marks>.cc. Empty: the code has no trace of it.
  std::string marks;
};

// Writes <model>.h (C), <model>.hpp (C++), <model>.cc, <model>_weights.{h,cc} for each program, the kernels and
// contract headers they need, and CMakeLists.txt into an existing folder. The programs must be planned; their graph
// names must differ. Errors: two models of one name; what writing files reports.
Result<GeneratedCode> write_code(std::span<const Program> programs, const std::filesystem::path& folder,
                                 const WriterOptions& options);

}  // namespace mote
