// Deltas and normalisation.
#include "device/signal/channels.h"

#include "device/signal/bits.h"

namespace mote::signal {

void delta_frame(const DeltaParams& p, DeltaState& state, const std::int16_t* x, std::int16_t* d) {
  const std::int32_t frames = 2 * p.reach;
  std::int16_t* const history = state.history;
  if (!state.started) {
    for (std::int32_t i = 0; i < frames * p.channels; ++i) history[i] = x[i % p.channels];
    state.started = true;
  }
  for (std::int32_t c = 0; c < p.channels; ++c) {
    std::int32_t sum = p.reach * (x[c] - history[c]);
    for (std::int32_t n = 1; n < p.reach; ++n) {
      sum += n * (history[(p.reach + n) * p.channels + c] - history[(p.reach - n) * p.channels + c]);
    }
    const std::int64_t slope = (static_cast<std::int64_t>(sum) * p.multiplier + (1 << 15)) >> 16;  // |.| < 2^16
    d[c] = saturate_16(static_cast<std::int32_t>(slope));
  }
  for (std::int32_t i = 0; i < (frames - 1) * p.channels; ++i) history[i] = history[i + p.channels];
  for (std::int32_t c = 0; c < p.channels; ++c) history[(frames - 1) * p.channels + c] = x[c];
}

void normalise_frame(const NormaliseParams& p, const std::int16_t* x, std::int8_t* y) {
  for (std::int32_t c = 0; c < p.channels; ++c) {
    const std::int32_t scaled = (x[c] * p.multiplier[c] + (1 << (p.shift - 1))) >> p.shift;
    const std::int32_t moved = scaled + p.offset[c];                                     // below 2^30 + 2^20
    y[c] = static_cast<std::int8_t>(moved < -128 ? -128 : (moved > 127 ? 127 : moved));  // in [-128, 127]
  }
}

}  // namespace mote::signal
