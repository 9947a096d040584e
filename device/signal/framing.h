// Cuts a stream of samples into overlapping frames.
#pragma once

#include <cstdint>

#include "contract/signal/spectrum_params.h"

namespace mote::signal {

// The state of a stream. The caller owns the history; its first element and `filled` are 0 before the first sample.
struct FrameState {
  std::int16_t* history;    // [frame_history_elems(p)]: the sample before the frame, then the frame
  std::int32_t filled = 0;  // samples of the current frame that have come, in [0, frame_elems]
};

// The current frame; its element -1 is the sample before it, 0 at the start of the stream.
[[nodiscard]] inline const std::int16_t* frame_samples(const FrameState& state) { return state.history + 1; }

// Takes samples until a frame is whole and returns how many it took.
//   whole frame <=> state.filled == frame_elems afterwards; the next call then begins the next frame
// Shapes  x [count] s16
// Errors  none; any count, also 0
std::int32_t frame_push(const FrameParams& p, FrameState& state, const std::int16_t* x, std::int32_t count);

}  // namespace mote::signal
