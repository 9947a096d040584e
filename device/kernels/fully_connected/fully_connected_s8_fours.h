// int8 fully connected layer for cores without SIMD: four units at a time share what is read of the input. An
// instruction set adds the sums of products and its high multiplication.
#pragma once

#include <cstdint>

#include "contract/quant/requantize.h"
#include "device/isa/scalar.h"
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels::fours {

// sums[i] = sum over depth of x * k[i]; assembly knows the offsets.
struct Dots {
  const std::int8_t* x;     // 0
  const std::int8_t* k[4];  // 4
  std::int32_t depth;       // 20: >= 1
  std::int32_t sums[4];     // 24
};

template <class HighMul, class MakeSums>
void fully_connected_s8(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                        const std::int32_t* records, std::int8_t* y, const MakeSums& make_sums) {
  const std::int32_t words_step = 3 * p.scale_step;
  Dots dots{};
  dots.depth = p.depth;
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth) {
    dots.x = x;
    const std::int32_t* bias = records;
    const std::int32_t* words = records + p.units;
    for (std::int32_t u = 0; u < p.units; u += 4) {
      // Where fewer than four are left, the last one is summed again.
      const std::int32_t count = p.units - u < 4 ? p.units - u : 4;
      for (std::int32_t i = 0; i < 4; ++i) dots.k[i] = k + (u + (i < count ? i : count - 1)) * p.depth;
      make_sums(dots);
      for (std::int32_t i = 0; i < count; ++i, words += words_step) {
        const std::int32_t q = isa::Requantize<HighMul>::of_words(words)(*bias++ + dots.sums[i]);
        *y++ = static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
      }
    }
  }
}

}  // namespace mote::kernels::fours
