// Mel-band features of one frame: logarithmic energies, cepstral coefficients, normalised energies.
#pragma once

#include <cstdint>

#include "contract/signal/mfe_params.h"

namespace mote::signal {

// Logarithmic energies of mel bands.
//   out[b] = max(floor, log2 E[b] + log_gain[b]) in Q9, saturated to int16; E in squared steps of a sample
// Shapes  x [-1 .. frame_elems) s16, see framing.h . out [bands] s16 Q9
// Memory  scratch [mfe_scratch_elems(p)]
// Errors  none; the host proved the parameters
void mfe_frame(const MfeParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out);

// Mel-frequency cepstral coefficients: a discrete cosine transform of the above.
//   out[k] = round(sum_b dct[k][b] * mfe[b] / 2^shift), saturated to int16
// Shapes  x as above . out [coefficients] s16 Q(9 + dct_bits - shift)
// Memory  scratch [mfcc_scratch_elems(p)]
void mfcc_frame(const MfccParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out);

// Per-channel energy normalisation, which takes the place of the logarithm and forgets a steady background.
//   M[b]   = E[b] in the first frame, afterwards M[b] + smoothing * (E[b] - M[b])
//   out[b] = (E[b] / (epsilon + M[b])^gain + bias)^power - bias^power in Q(fraction_bits), saturated to int16
// Shapes  x as above . smoothed [bands] u64 Q8, the caller's, kept from frame to frame; all 0 before the first
// Bounds  E < 2^55
// Memory  scratch [pcen_scratch_elems(p)]
// Source  arXiv:1607.05666
void pcen_frame(const PcenParams& p, const std::int16_t* x, std::int32_t* scratch, std::uint64_t* smoothed,
                std::int16_t* out);

}  // namespace mote::signal
