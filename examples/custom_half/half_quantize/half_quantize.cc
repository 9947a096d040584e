// Half floats, as bits, to int8: y = clamp(round(x / scale) + zero_point), ties away from zero; what is no number
// becomes the zero point.
#include "half_quantize.h"

#include <cstring>

namespace mote::kernels {
namespace {

// The same number as a float; exact, for floats have every half. Infinities become 65536, which saturates.
float float_of(std::uint32_t half) {
  const std::uint32_t exponent = (half >> 10) & 0x1F;
  const std::uint32_t fraction = half & 0x3FF;
  float value = static_cast<float>(fraction) / 16777216.0F;  // subnormal: in units of 2^-24
  if (exponent != 0) {
    const std::uint32_t bits = ((exponent + 112) << 23) | (fraction << 13);
    std::memcpy(&value, &bits, sizeof value);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

}  // namespace

void half_quantize(const HalfQuantizeParams& p, const std::int16_t* x, std::int8_t* y) {
  for (std::int32_t i = 0; i < p.count; ++i) {
    const auto half = static_cast<std::uint16_t>(x[i]);
    if ((half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0) {
      y[i] = static_cast<std::int8_t>(p.zero_point);
      continue;
    }
    float value = float_of(half) / p.scale;
    value = value > 512 ? 512 : (value < -512 ? -512 : value);
    const auto whole = static_cast<std::int32_t>(value);  // in [-512, 512]
    const float rest = value - static_cast<float>(whole);
    const std::int32_t q = p.zero_point + whole + (rest >= 0.5F ? 1 : (rest <= -0.5F ? -1 : 0));
    y[i] = static_cast<std::int8_t>(q < -128 ? -128 : (q > 127 ? 127 : q));
  }
}

}  // namespace mote::kernels
