// Names from foreign files, made fit for messages and comments.
#pragma once

#include <string>
#include <string_view>

namespace mote {

// `name` as valid UTF-8, printable, on one line, at most 200 bytes and "..."; `fallback` where it is empty.
[[nodiscard]] std::string printable(std::string_view name, const std::string& fallback);

}  // namespace mote
