// What the stages after a block are told: deltas, and the way from int16 features to a model's int8 input.
#pragma once

#include <cstdint>

namespace mote::signal {

// Slopes over 2 * reach + 1 frames: d[t] = sum_n n * (c[t + n] - c[t - n]) / (2 * sum_n n^2), n in [1, reach].
// A stream has no future: the row that comes out with frame t is d[t - reach]. Before the first frame stands the first.
struct DeltaParams {
  std::int32_t channels;
  std::int32_t reach;       // in [1, 8]
  std::int32_t multiplier;  // round(2^16 / (2 * sum_n n^2))
};
// int16 elements that a stream keeps from frame to frame.
[[nodiscard]] constexpr std::int32_t delta_history_elems(const DeltaParams& p) { return 2 * p.reach * p.channels; }

// y[c] = clamp(offset[c] + round(x[c] * multiplier[c] / 2^shift), -128, 127)
struct NormaliseParams {
  std::int32_t channels;
  std::int32_t shift;              // in [1, 30]
  const std::int16_t* multiplier;  // [channels]
  const std::int32_t* offset;      // [channels], |offset| <= 2^20
};

}  // namespace mote::signal
