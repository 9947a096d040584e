// Compiles C++ for a core with its cross compiler.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/codegen/generated.h"
#include "host/emulate/board.h"

namespace mote {

struct CompileJob {
  std::filesystem::path source;
  std::filesystem::path object;
};

struct Toolchain {
  const Core& core;
  std::string optimize = "-Os";
  std::vector<std::filesystem::path> include_folders;
  bool debug = false;  // with line numbers, whose files are named from the include folders
};

// Writes the embedded files that a core's flags and sources name, and the harness, below `folder`.
Status write_port_files(const Core& core, const std::filesystem::path& folder);

// Compiles all sources, as many at once as there are processors, in `folder`, which write_port_files filled.
// Returns the compiler's warnings. Errors: no compiler (its Debian package is named); a source that does not compile.
Result<std::string> compile_sources(const Toolchain& toolchain, const std::filesystem::path& folder,
                                    std::span<const CompileJob> jobs);

// The sizes of a generated folder, compiled for a core in the scratch folder `work`. Errors: as above.
Result<CompiledSizes> measure_code(const Core& core, const GeneratedCode& code, const std::filesystem::path& folder,
                                   const std::filesystem::path& work, const std::string& optimize = "-Os");

// Adds what to install to an error text of a compiler or linker that misses headers or libraries.
Error toolchain_error(const Core& core, std::string where, const std::string& output);

}  // namespace mote
