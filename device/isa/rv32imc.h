// The vocabulary that kernels for RV32IMC share.
#pragma once

#include <cstdint>

#include "device/isa/scalar.h"

namespace mote::isa {

// floor((x * multiplier + 2^30) / 2^31), for multiplier >= 0.
struct RoundingDoublingHighMul {
  std::uint32_t twice;  // the multiplier

  [[nodiscard]] static RoundingDoublingHighMul of(std::int32_t multiplier) {
    return {static_cast<std::uint32_t>(multiplier) << 1};
  }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    std::int32_t high = 0;
    asm("mulhsu %0, %1, %2" : "=r"(high) : "r"(x), "r"(twice));
    return high + static_cast<std::int32_t>((static_cast<std::uint32_t>(x) * twice) >> 31);
  }
};

}  // namespace mote::isa
