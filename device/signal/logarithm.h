// Base-2 logarithm and power in fixed point.
#pragma once

#include <cstdint>

namespace mote::signal {

// log2(1 + i / 128) - i / 128 in Q16, rounded; i in [0, 128]: between 0 and 5639.
struct Log2Correction {
  std::uint16_t q16[129];
};
extern const Log2Correction kLog2Correction;

// log2 of mantissa * 2^exponent.
//   y = exponent + log2(mantissa)
// Shapes  y s32 Q16
// Bounds  mantissa >= 1, |exponent| <= 2^10; |y - exact| < 2^-14
[[nodiscard]] std::int32_t log2_q16(std::uint32_t mantissa, std::int32_t exponent);

// 2^x.
//   y = 2^x
// Shapes  x s32 Q16 . y u32 Q16
// Bounds  saturates to 2^32 - 1 from x = 16; 0 below -16; otherwise |y - exact| <= 1 + y * 2^-14
[[nodiscard]] std::uint32_t exp2_q16(std::int32_t x);

}  // namespace mote::signal
