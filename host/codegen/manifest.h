// What a generated folder says of itself: mote.json for machines, README.md for people.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "host/codegen/generated.h"

namespace mote {

// Sizes of a generated folder compiled for one core, in bytes, from the compiler's object files.
struct CompiledSizes {
  std::string core;
  std::string compiler;  // its first version line
  std::string flags;
  std::int64_t code_bytes = 0;       // machine code
  std::int64_t constants_bytes = 0;  // all read-only data: weights, derived constants, kernel tables
  std::int64_t ram_bytes = 0;        // static RAM; the arena is the caller's and not in here
};

// The marker file of a folder that mote wrote, and its machine-readable description.
inline constexpr const char* kManifestName = "mote.json";

[[nodiscard]] nlohmann::json manifest_json(const GeneratedCode& code, const std::optional<CompiledSizes>& sizes);

// `memory_pictures[i]` is the text picture of model i's arena.
[[nodiscard]] std::string readme_text(const GeneratedCode& code, const std::vector<std::string>& memory_pictures,
                                      const std::optional<CompiledSizes>& sizes);

}  // namespace mote
