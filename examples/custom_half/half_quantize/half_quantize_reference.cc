// The real number that a half's bits stand for, by the definition of the format.
#include <cmath>

#include "half_quantize.h"

namespace mote::kernels {

void half_quantize_reference(const HalfQuantizeParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) {
    const auto bits = static_cast<std::uint16_t>(static_cast<std::int32_t>(x[i]));
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    float value = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    if (exponent == 31 && fraction != 0) value = 0;
    y[i] = (bits & 0x8000) != 0 ? -value : value;
  }
}

}  // namespace mote::kernels
