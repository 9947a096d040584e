// The vocabulary that kernels for Armv6-M share.
#pragma once

#include <cstdint>

#include "device/isa/scalar.h"

namespace mote::isa {

// floor((x * multiplier + 2^30) / 2^31) in 16-bit parts, for multiplier = 2^16 * high + low in [0, 2^31). With
// x = 2^16 * xh + xl, |xl| <= 2^15, and mid = xl*high + xh*low + (xl*low >> 16) that is 2*xh*high + ((mid + 2^14) >>
// 15). |x| <= 2^29  =>  |mid| < 2^31 - 2^15
struct RoundingDoublingHighMul {
  std::int32_t high, low;

  [[nodiscard]] static RoundingDoublingHighMul of(std::int32_t multiplier) {
    return {multiplier >> 16, multiplier & 0xFFFF};
  }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    const std::int32_t xl = static_cast<std::int16_t>(x);  // the low half
    const std::int32_t xh = (x - xl) >> 16;
    const std::int32_t mid = xl * high + xh * low + ((xl * low) >> 16);
    return 2 * (xh * high) + ((mid + (1 << 14)) >> 15);
  }
};

}  // namespace mote::isa
