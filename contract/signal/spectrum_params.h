// How sound is cut into frames and turned into spectra.
#pragma once

#include <cstdint>

namespace mote::signal {

// Cutting: frame t holds the samples [t * hop_elems, t * hop_elems + frame_elems).
struct FrameParams {
  std::int32_t frame_elems;  // in [1, 4096]
  std::int32_t hop_elems;    // in [1, frame_elems]
};

// A frame, padded with zeros to 2^fft_log2 samples, becomes 2^(fft_log2 - 1) + 1 frequencies.
struct SpectrumParams {
  FrameParams frame;           // frame_elems <= 2^fft_log2
  std::int32_t fft_log2;       // in [5, 12]
  std::int32_t pre_emphasis;   // Q15: x[n] - pre_emphasis * x[n-1]; in [0, 32767], 0: none
  const std::int16_t* window;  // [frame_elems] Q15, in [0, 32767]
  // [3 * 2^(fft_log2 - 2)][2]: cos and -sin of 2 pi k / 2^fft_log2, Q15, in [-32767, 32767]; at a multiple of 4 bytes
  const std::int16_t* twiddles;
};

// Elements that a stream keeps from call to call (int16), and that a frame needs while it is computed (int32).
[[nodiscard]] constexpr std::int32_t frame_history_elems(const FrameParams& p) { return p.frame_elems + 1; }
[[nodiscard]] constexpr std::int32_t spectrum_scratch_elems(const SpectrumParams& p) { return 1 << p.fft_log2; }

// Spectrogram: log2 of the power of every frequency, int16 Q9, with `floor` as the least value.
struct SpectrogramParams {
  SpectrumParams spectrum;
  std::int32_t floor;  // Q9
};

}  // namespace mote::signal
