// The vocabulary that kernels for cores without SIMD share.
#pragma once

#include <cstdint>

namespace mote::isa {

// value in [-128, 127].
inline void fill_bytes(std::int8_t* to, std::int32_t value, std::int32_t count) {
  for (std::int8_t* const end = to + count; to != end; ++to) *to = static_cast<std::int8_t>(value);
}

// Clamps bytes that are already within [-128, 127] to the narrower [lo, hi].
inline void narrow_clamp(std::int8_t* y, std::int32_t count, std::int32_t lo, std::int32_t hi) {
  if (lo == -128 && hi == 127) return;
  for (std::int8_t* const end = y + count; y != end; ++y) {
    const std::int32_t v = *y;
    *y = static_cast<std::int8_t>(v < lo ? lo : (v > hi ? hi : v));  // in [lo, hi]
  }
}

}  // namespace mote::isa
