// Small integer functions that signal blocks share: bit lengths, high products, roots.
#pragma once

#include <cstdint>

namespace mote::signal {

// Bits of x: 0 for 0, 32 for 2^31 and above.
[[nodiscard]] constexpr std::int32_t bit_length(std::uint32_t x) { return x == 0 ? 0 : 32 - __builtin_clz(x); }
[[nodiscard]] constexpr std::int32_t bit_length(std::uint64_t x) {
  const auto high = static_cast<std::uint32_t>(x >> 32);
  return high != 0 ? 32 + bit_length(high) : bit_length(static_cast<std::uint32_t>(x));  // the low half, on purpose
}

// At least as long as |x|, for finding the longest of many with |. x in all of int32.
[[nodiscard]] constexpr std::uint32_t magnitude_bits(std::int32_t x) {
  return static_cast<std::uint32_t>(x ^ (x >> 31));
}

// x * 2^n for n in [-31, 31]; the caller proves that nothing leaves 32 bits on the left. To the right it floors.
[[nodiscard]] constexpr std::int32_t shift_left(std::int32_t x, std::int32_t n) {
  return n >= 0 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << n) : x >> -n;
}

[[nodiscard]] constexpr std::int16_t saturate_16(std::int32_t x) {
  return static_cast<std::int16_t>(x < -32768 ? -32768 : (x > 32767 ? 32767 : x));  // in [-32768, 32767]
}

// The square root, rounded to nearest; below 2^32 - 1/2 it cannot leave 32 bits.
[[nodiscard]] constexpr std::uint32_t rounded_square_root(std::uint64_t x) {
  std::uint64_t root = 0;
  std::uint64_t rest = x;
  for (std::uint64_t bit = std::uint64_t{1} << ((bit_length(x | 1) - 1) & ~1); bit != 0; bit >>= 2) {
    if (rest >= root + bit) {
      rest -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  if (rest > root && root != 0xFFFFFFFF) ++root;
  return static_cast<std::uint32_t>(root);  // < 2^32, as said
}

}  // namespace mote::signal
