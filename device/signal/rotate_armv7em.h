// Rotation of a complex number with the 32 x 16 bit multiplies of the DSP extension, which give the portable bits.
#pragma once

#include <cstdint>

namespace mote::signal {

[[nodiscard, gnu::always_inline]] inline std::int32_t half_product(std::int32_t x, std::int32_t w) {
  std::int32_t y = 0;
  __asm__("smulwb %0, %1, %2" : "=r"(y) : "r"(x), "r"(w));
  return y;
}

class Rotation {
 public:
  [[gnu::always_inline]] explicit Rotation(const std::int16_t* w) {
    __builtin_memcpy(&both_, __builtin_assume_aligned(w, 4), sizeof both_);
  }
  [[nodiscard, gnu::always_inline]] Complex operator()(Complex x) const {
    std::int32_t re = 0;
    std::int32_t im = 0;
    std::int32_t crossed = 0;
    __asm__("smulwb %0, %1, %2" : "=r"(re) : "r"(x.re), "r"(both_));
    __asm__("smulwt %0, %1, %2" : "=r"(crossed) : "r"(x.im), "r"(both_));
    __asm__("smulwb %0, %1, %2" : "=r"(im) : "r"(x.im), "r"(both_));
    __asm__("smlawt %0, %1, %2, %0" : "+r"(im) : "r"(x.re), "r"(both_));
    return {re - crossed, im};
  }

 private:
  std::int32_t both_;  // the cosine in the low half, minus the sine in the high half
};

}  // namespace mote::signal
