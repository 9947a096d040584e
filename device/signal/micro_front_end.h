// The TFLM micro front end, bit for bit: 16-bit FFT, mel magnitudes, noise reduction, gain control, logarithm.
#pragma once

#include <cstdint>

#include "contract/signal/micro_front_end_params.h"

namespace mote::signal {

// The features of one frame.
//   v[n] = x[n] * window[n] / 2^12, scaled up by 2^s to fill 15 bits, 0 from frame_elems on
//   S[k] = |FFT(v)[k] / 2^fft_log2|^2 in 16-bit arithmetic
//   A[b] = round(sqrt(sum_k weight[b][k] * S[k])) / 2^s
//   N[b] = smoothing * A[b] + (1 - smoothing) * N[b], in a scale of 2^smoothing_bits
//   R[b] = max(A[b] - N[b], min_signal_remaining * A[b])
//   G[b] = shrink(R[b] * gain(N[b]))
//   out[b] = 2^output_shift * ln(G[b] * 2^log_shift), 0 where that is below ln 2
// Every step rounds (down unless it says otherwise) as the reference does.
// Shapes  x [frame_elems) s16 . noise [bands] u32, kept from frame to frame, 0 before the first . out [bands] u16
// Memory  scratch [micro_front_end_scratch_elems(p)]
// Errors  none; the host proved the parameters
// Source  arXiv:1607.05666; TFLM's published front-end parameters; outputs of the wheels pymicro-features and
//         tflite-micro
void micro_front_end_frame(const MicroFrontEndParams& p, const std::int16_t* x, std::int16_t* scratch,
                           std::uint32_t* noise, std::uint16_t* out);

}  // namespace mote::signal
