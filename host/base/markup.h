// Text made safe for HTML, SVG and XML.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mote {

// The five characters that markup gives a meaning are escaped; bytes that are no UTF-8 and control characters become
// U+FFFD, so that whatever comes in, a parser takes what goes out. For contents and for quoted attributes.
[[nodiscard]] std::string escape_markup(std::string_view text);

[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace mote
