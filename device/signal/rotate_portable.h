// Rotation of a complex number in 32-bit multiplies, as cores without long multiplies have them.
#pragma once

#include <cstdint>

namespace mote::signal {

// floor(x * w / 2^16): half of x times w in Q15. |w| <= 32767, so that both products fit 32 bits.
[[nodiscard]] inline std::int32_t half_product(std::int32_t x, std::int32_t w) {
  return (x >> 16) * w + (((x & 0xFFFF) * w) >> 16);
}

// Half of x times w, where w holds two Q15 numbers. |x| <= 2^31 / sqrt(2) as a complex number.
[[nodiscard]] inline Complex rotate_half(Complex x, const std::int16_t* w) {
  const std::int32_t c = w[0];
  const std::int32_t s = w[1];
  return {half_product(x.re, c) - half_product(x.im, s), half_product(x.re, s) + half_product(x.im, c)};
}

}  // namespace mote::signal
