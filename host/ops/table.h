// Tables that lowering makes for integer kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace mote {

// The 513 samples that quant::interpolate_table_513 takes: `function` over [from, to] in Q15, every sample moved by
// half the error that interpolation makes in the middle of its interval. In float, as TFLite does: double gives other
// samples. `function` should round once from double, so that no C library's float functions decide.
template <class Function>
std::vector<std::int16_t> table_513(float from, float to, Function function) {
  constexpr int kSteps = 512;
  constexpr float kOutScale = 32768.0F;
  const float step = (to - from) / static_cast<float>(kSteps);
  const auto sample = [&](float v) { return std::round(function(v) * kOutScale); };
  const auto saturated = [](float v) { return static_cast<std::int16_t>(std::clamp(v, -32768.0F, 32767.0F)); };
  std::vector<std::int16_t> out;
  for (int i = 0; i < kSteps; ++i) {
    const float at = from + static_cast<float>(i) * step;
    const float here = sample(at);
    const float middle = std::round((function(at + step) * kOutScale + here) / 2);
    const float error = middle - sample(at + step / 2);
    out.push_back(saturated(here - std::round(error / 2)));
  }
  out.push_back(saturated(sample(to)));
  return out;
}

}  // namespace mote
