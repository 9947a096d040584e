// "Did you mean": the known name nearest to one that was not found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mote {

// The name with the fewest edits (insert, drop, replace a letter), or "" when none is near.
[[nodiscard]] std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace mote
