// UTF-8 by the rules of Unicode's table 3-7.
#include "host/base/printable.h"

#include <algorithm>
#include <cstddef>

namespace mote {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

// Length of the well-formed UTF-8 sequence at the start of `s`, or 0 where there is none.
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(s[i])); };
  const unsigned lead = byte(0);
  const std::size_t n = lead < 0x80                   ? 1
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (n == 0 || n > s.size()) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  // Overlong forms, surrogates and code points beyond U+10FFFF.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return n;
}

}  // namespace

std::string printable(std::string_view name, const std::string& fallback) {
  if (name.empty()) return fallback;
  std::string out;
  while (!name.empty()) {
    const std::size_t n = utf8_length(name);
    const bool shown = n > 1 || (n == 1 && name[0] >= 0x20 && name[0] != 0x7F);
    const std::string_view piece = shown ? name.substr(0, n) : "?";
    if (out.size() + piece.size() > kMaxNameBytes) return out + "...";
    out += piece;
    name.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

}  // namespace mote
