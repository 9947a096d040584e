// The loops of the int8 filter, once for both widths of its state.
#pragma once

#include "contract/quant/requantize.h"
#include "device/kernels/svdf/svdf.h"

namespace mote::kernels {

template <class State>
void svdf_loops(const SvdfParams& p, const std::int8_t* x, const std::int8_t* w, const State* t, const std::int32_t* b,
                const State* s, std::int8_t* y, State* next) {
  for (std::int32_t u = 0; u < p.units; ++u) {
    auto acc = static_cast<std::uint32_t>(b[u]);
    for (std::int32_t f = u * p.rank; f < (u + 1) * p.rank; ++f) {
      std::int32_t sum = 0;
      for (std::int32_t c = 0; c < p.features; ++c) sum += (x[c] + p.in_offset) * w[f * p.features + c];
      sum = quant::requantize_double_rounding(sum, p.feature_multiplier, p.feature_shift);
      const State* old = s + f * p.memory;
      State* now = next + f * p.memory;
      for (std::int32_t m = 0; m + 1 < p.memory; ++m) now[m] = old[m + 1];
      // Clamped before the zero point is added, as the reference does: what it stores of the sum may wrap around.
      now[p.memory - 1] = static_cast<State>(quant::clamp(sum, p.state_min, p.state_max) + p.state_zero_point);
      for (std::int32_t m = 0; m < p.memory; ++m) {
        acc += static_cast<std::uint32_t>((now[m] - p.state_zero_point) * t[f * p.memory + m]);
      }
    }
    const auto sum = static_cast<std::int32_t>(acc);
    const std::int32_t scaled = quant::requantize_double_rounding(sum, p.time_multiplier, p.time_shift);
    y[u] = static_cast<std::int8_t>(quant::clamp(scaled + p.out_offset, p.clamp_min, p.clamp_max));
  }
}

}  // namespace mote::kernels
