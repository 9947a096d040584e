// The loops of quantisation, once for all element types.
#pragma once

#include <cstdint>
#include <limits>

#include "contract/ops/quantize_params.h"
#include "contract/quant/requantize.h"

namespace mote::kernels {

// The nearest integer, ties away from zero, within [-2^17, 2^17].
inline std::int32_t round_half_away(float v) {
  constexpr float kLimit = 131072.0F;
  if (v != v) return 0;
  if (v > kLimit) v = kLimit;
  if (v < -kLimit) v = -kLimit;
  const auto whole = static_cast<std::int32_t>(v);
  const float rest = v - static_cast<float>(whole);  // exact; in (-1, 1)
  return whole + (rest >= 0.5F ? 1 : 0) - (rest <= -0.5F ? 1 : 0);
}

template <class Out>
void quantize_loop(const QuantizeParams& p, const float* x, Out* y) {
  constexpr std::int32_t kMin = std::numeric_limits<Out>::min();
  constexpr std::int32_t kMax = std::numeric_limits<Out>::max();
  for (std::int32_t i = 0; i < p.count; ++i) {
    const std::int32_t q = round_half_away(x[i] / p.scale) + p.zero_point;
    y[i] = static_cast<Out>(quant::clamp(q, kMin, kMax));
  }
}

template <class In, class Out>
void requantize_loop(const RequantizeParams& p, const In* x, Out* y) {
  constexpr std::int64_t kMin32 = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax32 = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<Out>::min();
  constexpr std::int64_t kMax = std::numeric_limits<Out>::max();
  for (std::int32_t i = 0; i < p.count; ++i) {
    std::int64_t v = static_cast<std::int64_t>(x[i]) + p.in_offset;
    v = v < kMin32 ? kMin32 : (v > kMax32 ? kMax32 : v);  // only an s32 can be cut off
    const std::int64_t q = std::int64_t{p.out_offset} +
                           quant::requantize_double_rounding(static_cast<std::int32_t>(v), p.multiplier, p.shift);
    y[i] = static_cast<Out>(q < kMin ? kMin : (q > kMax ? kMax : q));
  }
}

}  // namespace mote::kernels
