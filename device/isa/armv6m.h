// The vocabulary that kernels for Armv6-M share.
#pragma once

#include <cstdint>

#include "device/isa/scalar.h"

namespace mote::isa {

// floor((x * (2^16 * high + low) + 2^30) / 2^31) in 16-bit parts, for high in [0, 2^15), low in [0, 2^16). With
// x = 2^16 * xh + xl, |xl| <= 2^15, and mid = xl*high + xh*low + (xl*low >> 16) that is 2*xh*high + ((mid + 2^14) >>
// 15). |x| <= 2^29  =>  |mid| < 2^31 - 2^15
[[nodiscard]] inline std::int32_t rounding_doubling_high_mul(std::int32_t x, std::int32_t high, std::int32_t low) {
  const std::int32_t xl = static_cast<std::int16_t>(x);  // the low half
  const std::int32_t xh = (x - xl) >> 16;
  const std::int32_t mid = xl * high + xh * low + ((xl * low) >> 16);
  return 2 * (xh * high) + ((mid + (1 << 14)) >> 15);
}

// Requantisation with double rounding, from the words of device/kernels/pixel_pairs.h.
struct Requantize {
  std::int32_t high, low;  // of the multiplier
  std::int32_t addend;
  std::int32_t right;

  [[nodiscard]] static Requantize of(std::int32_t multiplier, std::int32_t addend, std::int32_t right) {
    return {multiplier >> 16, multiplier & 0xFFFF, addend, right};
  }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    const std::int32_t h = rounding_doubling_high_mul(x, high, low);
    return (h + (h >> 31) + addend) >> right;
  }
};

}  // namespace mote::isa
