// Fixed-point requantisation of int32 and int64 accumulators: THE definition of mote's integer arithmetic.
// A real scale factor m > 0 is carried as multiplier * 2^(shift - 31), with multiplier in [2^30, 2^31) (or 0) and
// shift in [-31, 30]. Host, compiler and device all include this header. The rounding mode is part of every name:
//   double_rounding  profile `tflm`: a doubling high multiply that rounds, then a right shift that rounds again
//   single_rounding  one exact product, rounded once, ties towards +infinity
// Source  arXiv:1712.05877 section 2.4; TFLite 8-bit quantisation specification; outputs of the tflite-micro wheel
#pragma once

#include <cstdint>
#include <limits>

namespace mote::quant {

// floor((a * b + 2^30) / 2^31): ties go towards +infinity. The one overflow, a = b = -2^31, saturates to 2^31 - 1.
[[nodiscard]] constexpr std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
  if (a == kMin && b == kMin) return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  // |product| < 2^62, so the sum cannot overflow and the result fits 32 bits.
  return static_cast<std::int32_t>((product + (std::int64_t{1} << 30)) >> 31);
}

// x / 2^exponent, ties away from zero. exponent in [0, 31].
[[nodiscard]] constexpr std::int32_t rounding_divide_by_power_of_two(std::int32_t x, int exponent) {
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t remainder = x & mask;
  const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

// x * multiplier * 2^(shift - 31). A left shift wraps modulo 2^32, as the reference does; the compiler proves that it
// never happens for accumulators within their stated bounds.
[[nodiscard]] constexpr std::int32_t requantize_double_rounding(std::int32_t x, std::int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(shifted, multiplier), right);
}

// floor((x * multiplier + 2^(30 - shift)) / 2^(31 - shift)). shift in [-31, 30].
[[nodiscard]] constexpr std::int32_t requantize_single_rounding(std::int32_t x, std::int32_t multiplier, int shift) {
  const int total = 31 - shift;  // in [1, 62]
  const std::int64_t product = static_cast<std::int64_t>(x) * multiplier;
  return static_cast<std::int32_t>((product + (std::int64_t{1} << (total - 1))) >> total);
}

// int16 activations: an int64 accumulator times the multiplier rounded to 16 bits, rounded once.
// |x| < 2^47, so that x * q16 fits 63 bits. shift in [-31, 14].
[[nodiscard]] constexpr std::int32_t requantize_s64_single_rounding(std::int64_t x, std::int32_t multiplier,
                                                                    int shift) {
  const std::int32_t q16 = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int total = 15 - shift;  // in [1, 46]
  return static_cast<std::int32_t>((x * q16 + (std::int64_t{1} << (total - 1))) >> total);
}

// Both clamps of a quantised result, lo <= hi.
[[nodiscard]] constexpr std::int32_t clamp(std::int32_t x, std::int32_t lo, std::int32_t hi) {
  return x < lo ? lo : (x > hi ? hi : x);
}

}  // namespace mote::quant
