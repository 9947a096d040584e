// A ring of outputs and its sum.
#include "device/runtime/detector.h"

namespace mote::runtime {

bool detector_push(const DetectorParams& p, DetectorState& state, std::int8_t output) {
  const auto value = static_cast<std::uint8_t>(output + 128);  // in [0, 255]
  state.sum += value - state.ring[state.at];
  state.ring[state.at] = value;
  state.at = state.at + 1 == p.smoothing ? 0 : state.at + 1;
  if (state.quiet > 0) {
    --state.quiet;
    return false;
  }
  if (state.sum < p.threshold || state.sum == 0) return false;
  state.quiet = p.cooldown;
  return true;
}

}  // namespace mote::runtime
