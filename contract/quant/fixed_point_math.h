// Transcendental functions in 32-bit fixed point, for softmax, logistic and tanh.
// A value with i integer bits is stored as value * 2^(31 - i): Q0 covers [-1, 1), Q5 covers [-32, 32). The product of a
// Qi and a Qj by saturating_rounding_doubling_high_mul is a Q(i + j).
// Source  the published gemmlowp fixed-point algorithms, as TFLite's integer kernels use them; proven against outputs
// of
//         the tflite-micro wheel
#pragma once

#include <cstdint>
#include <limits>

#include "contract/quant/requantize.h"

namespace mote::quant {

inline constexpr std::int32_t kQ0One = std::numeric_limits<std::int32_t>::max();  // 1 - 2^-31, the nearest there is

// x * 2^exponent, saturating. exponent in [0, 30].
[[nodiscard]] constexpr std::int32_t saturating_left_shift(std::int32_t x, int exponent) {
  const auto limit = static_cast<std::int32_t>((std::uint32_t{1} << (31 - exponent)) - 1);
  if (x > limit) return std::numeric_limits<std::int32_t>::max();
  if (x < -limit) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << exponent);
}

// Leading zero bits of x; 32 for 0.
[[nodiscard]] constexpr int count_leading_zeros(std::uint32_t x) {
  int n = 0;
  for (; n < 32 && (x & 0x80000000U) == 0; ++n) x <<= 1;
  return n;
}

// A function of 513 samples over the whole int16 range, linear between them. x in [-2^15, 2^15).
[[nodiscard]] constexpr std::int16_t interpolate_table_513(const std::int16_t* table, std::int32_t x) {
  const std::int32_t index = 256 + (x >> 7);  // in [0, 511]
  const std::int32_t slope = table[index + 1] - table[index];
  // Between two samples, so it fits 16 bits.
  return static_cast<std::int16_t>(table[index] + ((slope * (x & 0x7F) + (1 << 6)) >> 7));
}

// exp(a), a in Q0 within [-1/4, 0): Taylor's series to the fourth power around -1/8. Result Q0.
[[nodiscard]] constexpr std::int32_t exp_in_quarter_below_zero(std::int32_t a) {
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;  // exp(-1/8) in Q0
  constexpr std::int32_t kThird = 715827883;              // 1/3 in Q0
  const std::int32_t x = a + (1 << 28);
  const std::int32_t x2 = saturating_rounding_doubling_high_mul(x, x);
  const std::int32_t x3 = saturating_rounding_doubling_high_mul(x2, x);
  const std::int32_t x4 = saturating_rounding_doubling_high_mul(x2, x2);
  const std::int32_t sixths =
      saturating_rounding_doubling_high_mul(rounding_divide_by_power_of_two(x4, 2) + x3, kThird);
  const std::int32_t tail = rounding_divide_by_power_of_two(sixths + x2, 1);  // x^2/2 + x^3/6 + x^4/24
  return kExpOfMinusEighth + saturating_rounding_doubling_high_mul(kExpOfMinusEighth, x + tail);
}

// exp(a), a <= 0 with `integer_bits` in [0, 8]. Result Q0.
[[nodiscard]] constexpr std::int32_t exp_on_negative_values(std::int32_t a, int integer_bits) {
  // exp(-2^k) in Q0, k = -2 .. 4.
  constexpr std::int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return kQ0One;
  const int fraction_bits = 31 - integer_bits;
  if (integer_bits > 5 && a < -(std::int32_t{1} << (fraction_bits + 5))) return 0;
  const std::int32_t quarter = std::int32_t{1} << (fraction_bits - 2);
  const std::int32_t a_in_quarter = (a & (quarter - 1)) - quarter;  // in [-1/4, 0)
  const std::int32_t rest = a_in_quarter - a;                       // >= 0, a multiple of 1/4
  std::int32_t result = exp_in_quarter_below_zero(saturating_left_shift(a_in_quarter, integer_bits));
  for (int k = -2; k <= 4 && k < integer_bits; ++k) {
    if ((rest >> (fraction_bits + k) & 1) != 0) {
      result = saturating_rounding_doubling_high_mul(result, kFactors[k + 2]);
    }
  }
  return result;
}

// Newton's iteration x' = x + x * (1 - d * x) for 1 / d, three times; d in Q0 within [1/2, 1]. Result Q2.
[[nodiscard]] constexpr std::int32_t reciprocal_of_half_to_one(std::int32_t d) {
  constexpr std::int32_t k48Over17 = 1515870810;        // Q2
  constexpr std::int32_t kMinus32Over17 = -1010580540;  // Q2
  constexpr std::int32_t kOneQ2 = 1 << 29;
  std::int32_t x = k48Over17 + saturating_rounding_doubling_high_mul(d, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = kOneQ2 - saturating_rounding_doubling_high_mul(d, x);
    x += saturating_left_shift(saturating_rounding_doubling_high_mul(x, error), 2);
  }
  return x;
}

// (a + 1) / 2 in Q0, rounded up, for a in [0, 1].
[[nodiscard]] constexpr std::int32_t half_of_one_plus(std::int32_t a) {
  // In [2^30, 2^31 - 1]: a + kQ0One + 1 <= 2^32 - 1.
  return static_cast<std::int32_t>((static_cast<std::int64_t>(a) + kQ0One + 1) / 2);
}

// 1 / (1 + a), a in Q0 within [0, 1]. Result Q0.
[[nodiscard]] constexpr std::int32_t one_over_one_plus_x(std::int32_t a) {
  // 1 / (1 + a) = (1 / d) / 2: halving a Q2 number and reading it as Q0 is one left shift.
  return saturating_left_shift(reciprocal_of_half_to_one(half_of_one_plus(a)), 1);
}

// 1 / (1 + exp(-a)), a with `integer_bits` in [0, 8]. Result Q0.
[[nodiscard]] constexpr std::int32_t logistic(std::int32_t a, int integer_bits) {
  if (a == 0) return 1 << 30;
  // |a| <= 2^31 - 1: the callers cut off large arguments.
  const std::int32_t above_zero = one_over_one_plus_x(exp_on_negative_values(a < 0 ? a : -a, integer_bits));
  return a < 0 ? kQ0One - above_zero : above_zero;
}

// tanh(a), a with `integer_bits` in [0, 7]. Result Q0.
[[nodiscard]] constexpr std::int32_t tanh(std::int32_t a, int integer_bits) {
  if (a == 0) return 0;
  // tanh |a| = (1 - e) / (1 + e) = 1 / d - 1 with e = exp(-2|a|) and d = (1 + e) / 2; one more integer bit doubles a.
  const std::int32_t e = exp_on_negative_values(a < 0 ? a : -a, integer_bits + 1);
  const std::int32_t reciprocal = reciprocal_of_half_to_one(half_of_one_plus(e));  // Q2
  const std::int32_t above_zero = saturating_left_shift(reciprocal - (1 << 29), 2);
  return a < 0 ? -above_zero : above_zero;
}

}  // namespace mote::quant
