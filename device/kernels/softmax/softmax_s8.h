// The integer softmax of int8 rows, shared by both result widths.
#pragma once

#include <cstdint>

#include "contract/ops/softmax_params.h"
#include "contract/quant/fixed_point_math.h"

namespace mote::kernels {

// exp of a difference to the row's largest element, Q0; diff in [diff_min, 0].
inline std::int32_t softmax_exp(const SoftmaxParams& p, std::int32_t diff) {
  // diff * 2^shift >= -2^31, as diff >= diff_min
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(diff) << p.shift);
  return quant::exp_on_negative_values(quant::saturating_rounding_doubling_high_mul(shifted, p.multiplier), 5);
}

template <class Out, int kBits>
void softmax_s8_rows(const SoftmaxParams& p, const std::int8_t* x, Out* y) {
  constexpr std::int32_t kMin = -(1 << (kBits - 1));
  constexpr std::int32_t kMax = (1 << (kBits - 1)) - 1;
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, y += p.depth) {
    std::int32_t largest = -128;
    for (std::int32_t c = 0; c < p.depth; ++c) largest = x[c] > largest ? x[c] : largest;
    std::int32_t sum = 0;  // Q12; at least 2^19, as the largest element contributes 1
    for (std::int32_t c = 0; c < p.depth; ++c) {
      const std::int32_t diff = x[c] - largest;
      if (diff >= p.diff_min) sum += quant::rounding_divide_by_power_of_two(softmax_exp(p, diff), 12);
    }
    const int headroom = quant::count_leading_zeros(static_cast<std::uint32_t>(sum));  // in [1, 12]
    // sum * 2^headroom in [2^31, 2^32), so the fraction above 1 is in Q0.
    const auto fraction = static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << headroom) - 0x80000000U);
    const std::int32_t reciprocal = quant::one_over_one_plus_x(fraction);
    const int exponent = 12 - headroom + 31 - kBits;
    for (std::int32_t c = 0; c < p.depth; ++c) {
      const std::int32_t diff = x[c] - largest;
      std::int32_t quotient = 0;
      if (diff >= p.diff_min && exponent <= 31) {
        const std::int32_t product = quant::saturating_rounding_doubling_high_mul(reciprocal, softmax_exp(p, diff));
        quotient = quant::rounding_divide_by_power_of_two(product, exponent);
      }
      y[c] = static_cast<Out>(quant::clamp(quotient + kMin, kMin, kMax));  // in the range of Out
    }
  }
}

}  // namespace mote::kernels
