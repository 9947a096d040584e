// One element of the int16 logistic function and hyperbolic tangent, for the kernels that take them.
#pragma once

#include <cstdint>

#include "contract/quant/sigmoid_table.h"

namespace mote::kernels {

// See device/kernels/logistic/logistic.h, which states the formula and its bounds.
inline std::int16_t logistic_s16(std::int32_t x, std::int32_t multiplier, std::int32_t shift) {
  const std::int32_t round = shift > 0 ? std::int32_t{1} << (shift - 1) : 0;
  const std::int32_t u = (x * multiplier + round) >> shift;
  const std::int32_t magnitude = u < 0 ? -u : u;
  const std::int32_t h = magnitude >> 9;
  std::int32_t s = 0x7FFF << 10;
  if (h < 255) {
    const std::int32_t a = quant::kSigmoidTable.value[h];
    const std::int32_t b = quant::kSigmoidTable.value[h + 1];
    s = (a << 9) + (magnitude & 511) * (b - a);
  }
  const std::int32_t result = u >= 0 ? s + (1 << 9) : (1 << 25) - s + (1 << 9) - 1;
  return static_cast<std::int16_t>(result >> 10);  // in [0, 2^15 - 1]
}

// See device/kernels/tanh/tanh.h.
inline std::int16_t tanh_s16(std::int32_t x, std::int32_t multiplier, std::int32_t shift) {
  const std::int32_t round = shift > 0 ? std::int32_t{1} << (shift - 1) : 0;
  const std::int32_t u = (x * multiplier + round) >> shift;
  const std::int32_t magnitude = u < 0 ? -u : u;
  const std::int32_t h = magnitude >> 8;
  std::int32_t s = 0xFFFF << 8;
  if (h < 255) {
    const std::int32_t a = quant::kSigmoidTable.value[h];
    const std::int32_t b = quant::kSigmoidTable.value[h + 1];
    s = (a << 8) + (magnitude & 255) * (b - a);
  }
  const std::int32_t result = u >= 0 ? s - (1 << 23) + (1 << 7) : (1 << 23) - s + (1 << 7) - 1;
  return static_cast<std::int16_t>(result >> 8);  // in [-2^15, 2^15 - 1]
}

}  // namespace mote::kernels
