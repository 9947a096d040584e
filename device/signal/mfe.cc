// Logarithms of mel energies.
#include "device/signal/mfe.h"

#include "device/signal/mel.h"
#include "device/signal/spectrum.h"

namespace mote::signal {

void mfe_frame(const MfeParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out) {
  const std::int32_t exponent = spectrum(p.spectrum, x, scratch);
  for_each_band(p.mel, scratch, exponent,
                [&](std::int32_t band, Energy energy) { out[band] = log_energy(p, band, energy); });
}

}  // namespace mote::signal
