// Rotation of a complex number with the 32 x 16 bit multiplies of the DSP extension, which give the portable bits.
#pragma once

#include <cstdint>

namespace mote::signal {

[[nodiscard]] inline std::int32_t half_product(std::int32_t x, std::int32_t w) {
  std::int32_t y = 0;
  __asm__("smulwb %0, %1, %2" : "=r"(y) : "r"(x), "r"(w));
  return y;
}

[[nodiscard]] inline Complex rotate_half(Complex x, const std::int16_t* w) {
  std::int32_t both = 0;  // c in the low half, s in the high half
  __builtin_memcpy(&both, __builtin_assume_aligned(w, 4), sizeof both);
  Complex y;
  std::int32_t t = 0;
  __asm__("smulwb %0, %1, %2" : "=r"(y.re) : "r"(x.re), "r"(both));
  __asm__("smulwt %0, %1, %2" : "=r"(t) : "r"(x.im), "r"(both));
  __asm__("smulwb %0, %1, %2" : "=r"(y.im) : "r"(x.im), "r"(both));
  __asm__("smlawt %0, %1, %2, %0" : "+r"(y.im) : "r"(x.re), "r"(both));
  y.re -= t;
  return y;
}

}  // namespace mote::signal
