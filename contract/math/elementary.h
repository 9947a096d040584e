// exp, exp - 1, tanh, the logistic function and 1 / sqrt in float32, from +, -, *, / alone: no libm, and every machine
// that rounds as IEEE 754 says (without fused multiply-add) gives the same bits. Relative error below 2^-21, far under
// the 1e-5 promised.
#pragma once

#include <cstdint>

namespace mote::math {

// 2^exponent. exponent in [-126, 127].
[[nodiscard]] inline float power_of_two(std::int32_t exponent) {
  const std::uint32_t bits = static_cast<std::uint32_t>(exponent + 127) << 23;
  float value = 0.0F;
  static_assert(sizeof value == sizeof bits);
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

// e^x: infinite above 88.73, 0 below -104; the argument when it is not a number.
[[nodiscard]] inline float exp_f32(float x) {
  if (x != x) return x;
  if (x > 88.8F) return __builtin_inff();
  if (x < -104.0F) return 0.0F;
  // x = n * ln 2 + r with |r| <= 0.35. The first part of ln 2 has 9 bits, so that n times it is exact; n in [-150,
  // 128].
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2First = 0.693359375F;
  constexpr float kLn2Rest = -2.12194440e-4F;
  const float scaled = x * kLog2E;
  const auto n = static_cast<std::int32_t>(scaled < 0.0F ? scaled - 0.5F : scaled + 0.5F);
  const auto real_n = static_cast<float>(n);
  const float r = (x - real_n * kLn2First) - real_n * kLn2Rest;
  // Taylor's series; the first term left out is below r^8 / 8! < 2^-27.
  float sum = 1.0F / 5040.0F;
  sum = sum * r + 1.0F / 720.0F;
  sum = sum * r + 1.0F / 120.0F;
  sum = sum * r + 1.0F / 24.0F;
  sum = sum * r + 1.0F / 6.0F;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const std::int32_t half = n / 2;  // in two steps: 2^n itself may be out of range where the product is not
  return sum * power_of_two(half) * power_of_two(n - half);
}

// e^x - 1, exact to the last bits near 0 too.
[[nodiscard]] inline float expm1_f32(float x) {
  if (x > 0.4F || x < -0.4F || x != x) return exp_f32(x) - 1.0F;
  float sum = 1.0F / 40320.0F;
  sum = sum * x + 1.0F / 5040.0F;
  sum = sum * x + 1.0F / 720.0F;
  sum = sum * x + 1.0F / 120.0F;
  sum = sum * x + 1.0F / 24.0F;
  sum = sum * x + 1.0F / 6.0F;
  sum = sum * x + 0.5F;
  sum = sum * x + 1.0F;
  return sum * x;
}

// tanh x.
[[nodiscard]] inline float tanh_f32(float x) {
  if (x != x) return x;
  const float magnitude = x < 0.0F ? -x : x;
  // tanh |x| = -(e^(-2|x|) - 1) / (e^(-2|x|) + 1)
  const float m = expm1_f32(-2.0F * magnitude);
  const float value = -m / (m + 2.0F);
  return x < 0.0F ? -value : value;
}

// 1 / (1 + e^-x). Below -9 it is e^x, 1.2e-4 too much at worst, because the reference takes this shortcut.
[[nodiscard]] inline float logistic_f32(float x) {
  if (x > 16.6190472F) return 1.0F;
  if (x < -9.0F) return exp_f32(x);
  return 1.0F / (1.0F + exp_f32(-x));
}

// 1 / sqrt(x): infinite at 0, not a number below.
[[nodiscard]] inline float rsqrt_f32(float x) {
  if (x != x || x < 0.0F) return __builtin_nanf("");
  if (x == 0.0F) return __builtin_inff();
  if (x > 3.402823466e38F) return 0.0F;
  // A subnormal number lacks bits for the guess; 2^24 times as much has the root 2^12 times as large.
  const bool tiny = x < 1.17549435e-38F;
  if (tiny) x *= 16777216.0F;
  // Half the exponent, negated, is within 4 % of the result; each of Newton's steps squares the error.
  std::uint32_t bits = 0;
  __builtin_memcpy(&bits, &x, sizeof bits);
  bits = 0x5F3759DFU - (bits >> 1);
  float y = 0.0F;
  __builtin_memcpy(&y, &bits, sizeof y);
  const float half = 0.5F * x;
  for (int i = 0; i < 4; ++i) y = y * (1.5F - half * y * y);
  return tiny ? y * 4096.0F : y;
}

}  // namespace mote::math
