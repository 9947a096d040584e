// exp in float32 from multiplications and additions alone: the same bits on every machine, no libm.
#pragma once

#include <cstdint>

namespace mote::f32 {

// e^x within 2 units in the last place; +inf above 88.72, 0 below -87.33 (results that would be subnormal). NaN stays.
//   x = n*ln2 + r, |r| <= ln2/2;  e^x = 2^n * (1 + r + r^2/2 + ... + r^7/5040)
// Compile without fused multiply-add (-ffp-contract=off).
[[nodiscard]] inline float exp(float x) {
  constexpr float kFactors[] = {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F};
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;    // 9 significant bits: n * kLn2High is exact
  constexpr float kLn2Low = -2.12194440e-4F;  // ln2 - kLn2High
  if (x != x) return x;
  if (x > 88.72283F) return __builtin_inff();
  if (x < -87.33654F) return 0.0F;
  const float scaled = x * kLog2E;
  const auto n = static_cast<std::int32_t>(scaled < 0.0F ? scaled - 0.5F : scaled + 0.5F);  // in [-126, 128]
  const auto steps = static_cast<float>(n);
  const float r = (x - steps * kLn2High) - steps * kLn2Low;
  float sum = 1.0F / 5040;
  for (const float c : kFactors) sum = sum * r + c;
  // 2^n in two factors, as 2^128 is none.
  const auto power = [](std::int32_t e) {
    const std::int32_t bits = (e + 127) << 23;  // e in [-126, 127]
    float f = 0.0F;
    static_assert(sizeof f == sizeof bits);
    __builtin_memcpy(&f, &bits, sizeof f);
    return f;
  };
  return n > 127 ? sum * power(127) * 2.0F : sum * power(n);
}

}  // namespace mote::f32
