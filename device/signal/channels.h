// Stages that follow a block, channel by channel: deltas, and normalisation to a model's int8 input.
#pragma once

#include <cstdint>

#include "contract/signal/channel_params.h"

namespace mote::signal {

// The state of a stream. The caller owns the history; `started` is false before the first frame.
struct DeltaState {
  std::int16_t* history;  // [delta_history_elems(p)]: the last 2 * reach frames, oldest first
  bool started = false;
};

// Slopes over time, `reach` frames late; see DeltaParams.
//   d[c] = round(sum_n n * (c[t - reach + n] - c[t - reach - n]) / (2 * sum_n n^2)), t the frame that x is
// Shapes  x, d [channels] s16, with the same fraction bits
// Bounds  |sum| <= 65535 * reach * (reach + 1) / 2 < 2^22; |d| <= 32767 * 3 / 2 before it saturates
// Memory  d must not overlap x
void delta_frame(const DeltaParams& p, DeltaState& state, const std::int16_t* x, std::int16_t* d);

// An affine map per channel, saturated to int8; see NormaliseParams.
// Shapes  x [channels] s16 . y [channels] s8
// Bounds  |x * multiplier| + 2^(shift - 1) <= 2^30 + 2^29
void normalise_frame(const NormaliseParams& p, const std::int16_t* x, std::int8_t* y);

}  // namespace mote::signal
