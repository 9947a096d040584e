// What a generated folder says of itself: mote.json for machines, README.md for people.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "host/codegen/generated.h"

namespace mote {

// The marker file of a folder that mote wrote, and its machine-readable description.
inline constexpr const char* kManifestName = "mote.json";

[[nodiscard]] nlohmann::json manifest_json(const GeneratedCode& code, const std::optional<CompiledSizes>& sizes);

// `memory_pictures[i]` is the text picture of model i's arena.
[[nodiscard]] std::string readme_text(const GeneratedCode& code, const std::vector<std::string>& memory_pictures,
                                      const std::optional<CompiledSizes>& sizes);

}  // namespace mote
