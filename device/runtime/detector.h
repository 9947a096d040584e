// From a classifier's outputs in a stream to detections: smoothing, threshold, cooldown.
#pragma once

#include <cstdint>

namespace mote::runtime {

inline constexpr std::int32_t kMaxSmoothing = 64;

struct DetectorParams {
  std::int32_t smoothing;  // outputs whose mean counts, in [1, kMaxSmoothing]
  std::int32_t threshold;  // of the mean of (output + 128), times smoothing: in [0, 255 * smoothing]
  std::int32_t cooldown;   // outputs after a detection that cannot be another one, >= 0
};

// All 0 before the first output.
struct DetectorState {
  std::uint8_t ring[kMaxSmoothing];
  std::int32_t at;
  std::int32_t sum;
  std::int32_t quiet;  // outputs of the cooldown that are left
};

// Takes the int8 output of the keyword's class and says whether the keyword has been heard with it.
//   sum = sum over the last `smoothing` outputs of (output + 128); outputs before the first count 0
//   heard <=> no cooldown is left and sum >= threshold and sum > 0; it then begins
// Bounds  0 <= sum <= 255 * 64
// Errors  none; the host proved the parameters
[[nodiscard]] bool detector_push(const DetectorParams& p, DetectorState& state, std::int8_t output);

}  // namespace mote::runtime
