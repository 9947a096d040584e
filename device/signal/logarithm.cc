// Logarithm by table and straight line, power of two by polynomial.
#include "device/signal/logarithm.h"

#include "device/signal/bits.h"

namespace mote::signal {
namespace {

// log2(1 + i / 128) - i / 128 in Q16, by squaring: each square doubles the logarithm and shows its next bit. Errors of
// 2^-31 a step leave 28 bits of the logarithm right.
constexpr std::uint16_t log2_correction(std::uint32_t i) {
  std::uint64_t x = (std::uint64_t{1} << 31) + (std::uint64_t{i} << 24);  // Q31, in [1, 2)
  std::uint32_t log2 = 0;                                                 // Q24
  for (int bit = 23; bit >= 0; --bit) {
    x = (x * x) >> 31;  // below 2^33
    if ((x >> 32) != 0) {
      x >>= 1;
      log2 |= std::uint32_t{1} << bit;
    }
  }
  return static_cast<std::uint16_t>((log2 - (i << 17) + (1 << 7)) >> 8);  // at most 5639
}

constexpr Log2Correction log2_corrections() {
  Log2Correction table{};
  for (std::uint32_t i = 0; i < 128; ++i) table.q16[i] = log2_correction(i);
  return table;  // the last one is log2(2) - 1 = 0
}

}  // namespace

constexpr Log2Correction kLog2Correction = log2_corrections();

std::int32_t log2_q16(std::uint32_t mantissa, std::int32_t exponent) {
  const std::int32_t length = bit_length(mantissa);
  const std::uint32_t fraction = (mantissa << (32 - length) << 1) >> 16;  // Q16, in [0, 1)
  const std::uint32_t segment = fraction >> 9;
  const std::int32_t low = kLog2Correction.q16[segment];
  const std::int32_t high = kLog2Correction.q16[segment + 1];
  const auto along = static_cast<std::int32_t>(fraction & 511);
  const std::int32_t correction = low + (((high - low) * along + 256) >> 9);
  return (exponent + length - 1) * 65536 + static_cast<std::int32_t>(fraction) + correction;
}

std::uint32_t exp2_q16(std::int32_t x) {
  const std::int32_t whole = x >> 16;
  if (whole >= 16) return 0xFFFFFFFF;
  if (whole < -16) return 0;
  // 2^f = 1 + f * (c1 + f * (c2 + f * (c3 + f * c4))) for f in [0, 1), coefficients fitted to 2^-18 and exact at 0
  // and 1.
  const auto f = static_cast<std::uint32_t>(x & 0xFFFF);
  std::uint32_t sum = 3391;  // c3 + f * c4 and so on stay below 2^16
  sum = (898 * f >> 16) + sum;
  sum = (sum * f >> 16) + 15830;
  sum = (sum * f >> 16) + 45417;
  const std::uint32_t power = (std::uint32_t{1} << 31) + ((sum * f) >> 1);  // Q31, in [1, 2); sum <= 2^16, f < 2^16
  return power >> (15 - whole);                                             // 15 - whole in [0, 32)
}

}  // namespace mote::signal
