// The vocabulary that kernels for Armv7E-M share. Words may be read from any address; bytes may lie anywhere.
#pragma once

#include <cstdint>
#include <cstring>

namespace mote::isa {

// Four bytes from anywhere: one instruction.
[[nodiscard]] inline std::uint32_t load_word(const void* from) {
  std::uint32_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline void store_word(void* to, std::uint32_t word) { std::memcpy(to, &word, sizeof word); }

// Bytes 0 and 2 of a word, or 1 and 3, as two int16.
[[nodiscard]] inline std::uint32_t widen_even(std::uint32_t word) {
  std::uint32_t lanes = 0;
  asm("sxtb16 %0, %1" : "=r"(lanes) : "r"(word));
  return lanes;
}
[[nodiscard]] inline std::uint32_t widen_odd(std::uint32_t word) {
  std::uint32_t lanes = 0;
  asm("sxtb16 %0, %1, ror #8" : "=r"(lanes) : "r"(word));
  return lanes;
}

// Byte `index` of a word, sign-extended.
[[nodiscard]] inline std::int32_t byte_of(std::uint32_t word, int index) {
  return static_cast<std::int8_t>(word >> (8 * index));  // keeps eight bits
}

// `word` with the low byte of `value` in byte kIndex.
template <int kIndex>
[[nodiscard]] inline std::uint32_t with_byte(std::uint32_t word, std::int32_t value) {
  asm("bfi %0, %1, %2, #8" : "+r"(word) : "r"(value), "n"(8 * kIndex));
  return word;
}

// Sums of the int16 halves, each modulo 2^16.
[[nodiscard]] inline std::uint32_t add_halves(std::uint32_t a, std::uint32_t b) {
  std::uint32_t sum = 0;
  asm("sadd16 %0, %1, %2" : "=r"(sum) : "r"(a), "r"(b));
  return sum;
}

// addend + hi32(a * b + 2^31).
[[nodiscard]] inline std::int32_t add_rounded_high_product(std::int32_t addend, std::int32_t a, std::int32_t b) {
  std::int32_t sum = 0;
  asm("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(addend));
  return sum;
}

// requantize_double_rounding in four instructions and its offset for nothing, from the multiplier as 2*m - 2^32 and the
// right shift r in [2, 31] as 2^(32-r):
//   hi32(2*x*m), rounded = x + hi32(x * (2*m - 2^32)), rounded
//   rounding division of v by 2^r, ties away from zero = hi32((v - (v < 0)) * 2^(32-r)), rounded
struct Requantize {
  std::int32_t multiplier;
  std::int32_t power;

  // multiplier in [2^30, 2^31), shift in [-31, -2].
  [[nodiscard]] static Requantize of(std::int32_t multiplier, std::int32_t shift) {
    return {static_cast<std::int32_t>(static_cast<std::uint32_t>(multiplier) << 1), 1 << (32 + shift)};
  }
  // offset + the result.
  [[nodiscard]] std::int32_t operator()(std::int32_t x, std::int32_t offset) const {
    const std::int32_t high = add_rounded_high_product(x, x, multiplier);
    return add_rounded_high_product(offset, high + (high >> 31), power);
  }
};

// Clamps to [-128, 127].
[[nodiscard]] inline std::int32_t saturate_s8(std::int32_t x) {
  std::int32_t y = 0;
  asm("ssat %0, #8, %1" : "=r"(y) : "r"(x));
  return y;
}

inline void copy_bytes(std::int8_t* to, const std::int8_t* from, std::int32_t count) {
  for (; count >= 4; count -= 4, to += 4, from += 4) store_word(to, load_word(from));
  for (; count > 0; --count) *to++ = *from++;
}

// value in [-128, 127].
inline void fill_bytes(std::int8_t* to, std::int32_t value, std::int32_t count) {
  const std::uint32_t word = (static_cast<std::uint32_t>(value) & 0xFF) * 0x01010101U;
  for (; count >= 4; count -= 4, to += 4) store_word(to, word);
  for (; count > 0; --count) *to++ = static_cast<std::int8_t>(value);
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
