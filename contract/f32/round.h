// Rounding of float32 to whole numbers without a C library.
#pragma once

#include <cstdint>

namespace mote::f32 {

// The largest whole number <= x; infinities, NaN and numbers without a fraction are themselves.
[[nodiscard]] constexpr float floor(float x) {
  constexpr float kWhole = 8388608.0F;  // 2^23: from here on every float is whole
  if (!(x > -kWhole && x < kWhole)) return x;
  const auto cut = static_cast<float>(static_cast<std::int32_t>(x));  // |x| < 2^23
  return cut > x ? cut - 1.0F : cut;
}

[[nodiscard]] constexpr float ceil(float x) { return -floor(-x); }

// The nearest whole number, the even one of two.
[[nodiscard]] constexpr float round_half_even(float x) {
  const float below = floor(x);
  const float fraction = x - below;
  if (!(fraction >= 0.5F)) return below;  // NaN of an infinity, too
  if (fraction > 0.5F) return below + 1.0F;
  return floor(below * 0.5F) * 2.0F == below ? below : below + 1.0F;
}

}  // namespace mote::f32
