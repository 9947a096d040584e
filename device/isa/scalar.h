// The vocabulary that kernels for cores without SIMD share.
#pragma once

#include <cstdint>

namespace mote::isa {

// Requantisation with double rounding, from the words of device/kernels/pixel_pairs.h:
//   (h + (h < 0 ? -1 : 0) + addend) >> right with h = floor((x * multiplier + 2^30) / 2^31)
template <class HighMul>
struct Requantize {
  HighMul high_mul;
  std::int32_t addend;
  std::int32_t right;

  // To offset + the rounded x * multiplier * 2^(-right - 31); right >= 1.
  [[nodiscard]] static Requantize of(std::int32_t multiplier, std::int32_t right, std::int32_t offset) {
    return {HighMul::of(multiplier), (1 << (right - 1)) + offset * (1 << right), right};
  }
  [[nodiscard]] static Requantize of_words(const std::int32_t* words) {
    return {HighMul::of(words[0]), words[1], words[2]};
  }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    const std::int32_t h = high_mul(x);
    return (h + (h >> 31) + addend) >> right;
  }
};

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
