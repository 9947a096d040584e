// Mel filter bank over a spectrum, one band after the other.
#pragma once

#include <cstdint>

#include "contract/signal/mfe_params.h"

namespace mote::signal {

// What the frequencies of one segment give to the band that rises over it and to the band that falls.
struct SegmentSums {
  std::uint32_t rise;
  std::uint32_t fall;
  std::int32_t exponent;  // of both
};

// Sums of weighted powers over one segment, scaled by its own loudest frequency, so that quiet bands keep their
// precision beside loud ones.
//   rise = sum_k rise[k] * |y[k]|^2 * 2^-exponent, fall = sum_k (1 - rise[k]) * |y[k]|^2 * 2^-exponent
// Shapes  y [2^(fft_log2 - 1)][2] s32, as spectrum() leaves it
// Bounds  amplitudes are cut to 15 bits, powers to 19 - log2(n) bits for n frequencies: sums in Q12 stay below 2^32
[[nodiscard]] SegmentSums mel_segment(const MelParams& p, const std::int32_t* y, std::int32_t segment);

// a + b. Bounds  the result's mantissa has 32 bits unless it is exact with fewer; a zero has mantissa 0
[[nodiscard]] Energy add(Energy a, Energy b);

// max(floor, log2 E + log_gain[band]) in Q9, saturated to int16.
[[nodiscard]] std::int16_t log_energy(const MfeParams& p, std::int32_t band, Energy energy);

// Calls use(band, energy) for every band, in order. `exponent` is what spectrum() returned.
template <class Use>
void for_each_band(const MelParams& p, const std::int32_t* y, std::int32_t exponent, Use use) {
  SegmentSums before = mel_segment(p, y, 0);
  for (std::int32_t band = 0; band < p.bands; ++band) {
    const SegmentSums after = mel_segment(p, y, band + 1);
    Energy energy = add({before.rise, before.exponent}, {after.fall, after.exponent});
    energy.exponent += 2 * exponent;
    use(band, energy);
    before = after;
  }
}

}  // namespace mote::signal
