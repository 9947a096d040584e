// Rotation of a complex number in 32-bit multiplies, as cores without long multiplies have them.
#pragma once

#include <cstdint>

namespace mote::signal {

// floor(x * w / 2^16): half of x times w in Q15. |w| <= 32767, so that both products fit 32 bits.
[[nodiscard, gnu::always_inline]] inline std::int32_t half_product(std::int32_t x, std::int32_t w) {
  return (x >> 16) * w + (((x & 0xFFFF) * w) >> 16);
}

// Half of a complex number times w, where w holds two Q15 numbers. |x| <= 2^31 / sqrt(2) as a complex number.
class Rotation {
 public:
  [[gnu::always_inline]] explicit Rotation(const std::int16_t* w) : c_(w[0]), s_(w[1]) {}
  [[nodiscard, gnu::always_inline]] Complex operator()(Complex x) const {
    return {half_product(x.re, c_) - half_product(x.im, s_), half_product(x.re, s_) + half_product(x.im, c_)};
  }

 private:
  std::int32_t c_, s_;
};

}  // namespace mote::signal
