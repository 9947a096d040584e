// Framing by a history as long as one frame: simple, and one copy of the overlap a hop.
#include "device/signal/framing.h"

namespace mote::signal {

std::int32_t frame_push(const FrameParams& p, FrameState& state, const std::int16_t* x, std::int32_t count) {
  std::int16_t* history = state.history;
  if (state.filled == p.frame_elems && count > 0) {
    for (std::int32_t i = 0; i <= p.frame_elems - p.hop_elems; ++i) history[i] = history[i + p.hop_elems];
    state.filled = p.frame_elems - p.hop_elems;
  }
  const std::int32_t missing = p.frame_elems - state.filled;
  const std::int32_t taken = count < missing ? count : missing;
  for (std::int32_t i = 0; i < taken; ++i) history[1 + state.filled + i] = x[i];
  state.filled += taken;
  return taken;
}

}  // namespace mote::signal
