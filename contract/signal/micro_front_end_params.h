// What the TFLM micro front end is told: the features that microWakeWord and micro_speech models were trained on.
#pragma once

#include <cstdint>

#include "contract/signal/spectrum_params.h"

namespace mote::signal {

struct MicroFrontEndParams {
  FrameParams frame;             // frame_elems <= 2^fft_log2
  std::int32_t fft_log2;         // odd, in [5, 11]: the complex transform has a power of 4 as its length
  const std::int16_t* window;    // [frame_elems] Q12, in [0, 4096]
  const std::int16_t* twiddles;  // [3 * 2^(fft_log2 - 2)][2], see SpectrumParams

  // Triangles as in MelParams, but with both weights: they need not sum to 1.
  std::int32_t bands;         // in [1, 128]
  const std::int16_t* edges;  // [bands + 2], rising, edges[0] >= 0, the last <= 2^(fft_log2 - 1) + 1
  const std::int16_t* rise;   // [edges[bands + 1] - edges[0]] Q12, in [0, 4096]
  const std::int16_t* fall;

  // Noise reduction: a slow average of every band, kept 2^smoothing_bits larger, is subtracted.
  std::int32_t smoothing_bits;        // in [0, 16]
  std::int32_t even_smoothing;        // Q14, in [0, 16384]: of bands 0, 2, ...
  std::int32_t odd_smoothing;         // Q14
  std::int32_t min_signal_remaining;  // Q14

  // Gain control; gain_table has three numbers for each power of two of the noise.
  bool gain_control;
  std::int32_t gain_shift;         // in [0, 31]
  const std::int16_t* gain_table;  // [125]

  std::int32_t log_shift;     // left shift before the logarithm, in [0, 15]
  std::int32_t output_shift;  // the logarithm's scale is 2^output_shift, in [0, 15]
};

// Scratch in int16 elements, and the noise estimates that a stream keeps, uint32.
[[nodiscard]] constexpr std::int32_t micro_front_end_scratch_elems(const MicroFrontEndParams& p) {
  return (1 << p.fft_log2) + 2;
}
[[nodiscard]] constexpr std::int32_t micro_front_end_noise_elems(const MicroFrontEndParams& p) { return p.bands; }

}  // namespace mote::signal
