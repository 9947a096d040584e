// The vocabulary that kernels for RV32IMC share.
#pragma once

#include <cstdint>

#include "device/isa/scalar.h"

namespace mote::isa {

// floor((x * twice + 2^31) / 2^32)
[[nodiscard]] inline std::int32_t rounding_high_mul(std::int32_t x, std::uint32_t twice) {
  std::int32_t high = 0;
  asm("mulhsu %0, %1, %2" : "=r"(high) : "r"(x), "r"(twice));
  return high + static_cast<std::int32_t>((static_cast<std::uint32_t>(x) * twice) >> 31);
}

// Requantisation with double rounding, from the words of device/kernels/pixel_pairs.h.
struct Requantize {
  std::uint32_t twice;  // the multiplier
  std::int32_t addend;
  std::int32_t right;

  [[nodiscard]] static Requantize of(std::int32_t multiplier, std::int32_t addend, std::int32_t right) {
    return {static_cast<std::uint32_t>(multiplier) << 1, addend, right};
  }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    const std::int32_t h = rounding_high_mul(x, twice);
    return (h + (h >> 31) + addend) >> right;
  }
};

}  // namespace mote::isa
