// SHA-1 for the published split rule of Speech Commands, SHA-256 for content, HMAC for signatures.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mote {

[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes);
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace mote
