// The operators that mote knows, as a table made from the code.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mote {

// docs/operators.md: one row per operator, with the element types of its kernels and the instruction sets they are
// written for.
[[nodiscard]] std::string operators_markdown();

[[nodiscard]] nlohmann::json operators_json();

}  // namespace mote
