// From a frame of samples to its spectrum: pre-emphasis, window and real Fourier transform.
#pragma once

#include <cstdint>

#include "contract/signal/spectrum_params.h"

namespace mote::signal {

// The frame is scaled up so that its loudest sample fills the word, and the transform's own scaling is a constant:
// 24 bits or more carry the frame at every level.
//   v[n] = (x[n] - pre_emphasis * x[n-1]) * window[n], 0 from frame_elems on
//   X[k] = sum_n v[n] * exp(-2 pi i k n / 2^fft_log2) = y[k] * 2^(the result)
// Shapes  x [-1 .. frame_elems) s16 . y [2^(fft_log2 - 1)][2] s32: re and im of X[k]; y[0] holds X[0] and the last one,
//         X[2^(fft_log2 - 1)], which are both real
// Bounds  |y[k]| < 2^31 as a complex number; the result is in [-32, 8]
// Memory  y [spectrum_scratch_elems(p)] is both scratch and output
// Errors  none; the host proved the parameters
// Source  Cooley and Tukey 1965, decimation in time, radix 4; Sorensen et al. 1987 for the real split
[[nodiscard]] std::int32_t spectrum(const SpectrumParams& p, const std::int16_t* x, std::int32_t* y);

// log2 of the power of every frequency.
//   out[k] = max(floor, log2 |X[k]|^2) in Q9, saturated to int16
// Shapes  x as above . out [2^(fft_log2 - 1) + 1] s16 Q9
// Memory  scratch [spectrum_scratch_elems(p.spectrum)]
void spectrogram_frame(const SpectrogramParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out);

}  // namespace mote::signal
