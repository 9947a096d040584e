// What mel filter banks and the features made of them are told: logarithmic band energies (MFE), PCEN, and MFCC.
#pragma once

#include <cstdint>

#include "contract/signal/spectrum_params.h"

namespace mote::signal {

// Triangles that overlap by half: band b rises over segment b and falls over segment b + 1. Segment s holds the
// frequencies [edges[s], edges[s + 1]); at each, rise is the weight in band s and 1 - rise the weight in band s - 1.
struct MelParams {
  std::int32_t bands;         // in [1, 128]
  const std::int16_t* edges;  // [bands + 2], rising, edges[0] >= 1, the last <= 2^(fft_log2 - 1); a segment has <= 1024
  const std::int16_t* rise;   // [edges[bands + 1] - edges[0]] Q12, in [0, 4096]
  const std::int16_t* log_gain;  // [bands] Q9: added to log2 of the energy; in [-16384, 16384]
};

struct MfeParams {
  SpectrumParams spectrum;
  MelParams mel;
  std::int32_t floor;  // Q9: the least log2 of an energy; in [-32768, 32767]
};

// Mel-frequency cepstral coefficients: c[k] = sum_b dct[k][b] * mfe[b].
struct MfccParams {
  MfeParams mfe;
  std::int32_t coefficients;  // in [1, bands]
  std::int32_t dct_bits;      // fraction bits of dct, such that sum_b |dct[k][b]| * 2^15 < 2^31 for every k
  std::int32_t shift;         // from Q(9 + dct_bits) to the output's fraction bits; in [1, 24]
  const std::int16_t* dct;    // [coefficients][bands]
};

// Per-channel energy normalisation: (E / (epsilon + M)^gain + bias)^power - bias^power, with M the smoothed E.
struct PcenParams {
  SpectrumParams spectrum;
  MelParams mel;
  std::int32_t smoothing;      // Q16, in [1, 65535]: M += smoothing * (E - M)
  std::int32_t gain;           // Q15, in [0, 32768]
  std::int32_t power;          // Q15, in [1, 32768]
  std::uint64_t epsilon;       // Q8, in [1, 2^40]
  std::int32_t log2_bias;      // Q16, in [-8 * 65536, 8 * 65536]
  std::int32_t bias_power;     // Q16: bias^power
  std::int32_t fraction_bits;  // of the output, in [0, 14]
};

// One energy as mantissa * 2^exponent, in squared units of one step of an int16 sample.
struct Energy {
  std::uint32_t mantissa;
  std::int32_t exponent;  // in [-64, 64]
};

// int32 elements of scratch: the spectrum, then what follows it.
[[nodiscard]] constexpr std::int32_t mfe_scratch_elems(const MfeParams& p) {
  return spectrum_scratch_elems(p.spectrum);
}
[[nodiscard]] constexpr std::int32_t pcen_scratch_elems(const PcenParams& p) {
  return spectrum_scratch_elems(p.spectrum);
}
[[nodiscard]] constexpr std::int32_t mfcc_scratch_elems(const MfccParams& p) {
  return mfe_scratch_elems(p.mfe) + p.mfe.mel.bands;
}

}  // namespace mote::signal
