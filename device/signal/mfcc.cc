// Cosine transform of logarithmic mel energies.
#include "device/signal/bits.h"
#include "device/signal/mel.h"
#include "device/signal/mfe.h"
#include "device/signal/spectrum.h"

namespace mote::signal {

void mfcc_frame(const MfccParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out) {
  std::int32_t* const logs = scratch + mfe_scratch_elems(p.mfe);
  const std::int32_t exponent = spectrum(p.mfe.spectrum, x, scratch);
  for_each_band(p.mfe.mel, scratch, exponent,
                [&](std::int32_t band, Energy energy) { logs[band] = log_energy(p.mfe, band, energy); });
  const std::int16_t* row = p.dct;
  for (std::int32_t k = 0; k < p.coefficients; ++k, row += p.mfe.mel.bands) {
    std::int32_t acc = 0;  // |acc| < 2^31, as dct_bits promises
    for (std::int32_t band = 0; band < p.mfe.mel.bands; ++band) acc += row[band] * logs[band];
    out[k] = saturate_16(((acc >> (p.shift - 1)) + 1) >> 1);
  }
}

}  // namespace mote::signal
