// Logarithmic power spectra.
#include "device/signal/bits.h"
#include "device/signal/logarithm.h"
#include "device/signal/spectrum.h"

namespace mote::signal {
namespace {

// log2 of (re^2 + im^2) * 2^(2 * exponent) in Q9.
std::int16_t log2_power(std::int32_t re, std::int32_t im, std::int32_t exponent, std::int32_t floor) {
  const std::int32_t length = bit_length(magnitude_bits(re) | magnitude_bits(im));
  if (length == 0 && re == 0 && im == 0) return saturate_16(floor);
  const std::int32_t down = length > 15 ? length - 15 : 0;
  const std::int32_t half = (1 << down) >> 1;
  const std::int32_t a = (re + half) >> down;  // |.| <= 2^15
  const std::int32_t b = (im + half) >> down;
  const std::uint32_t power = static_cast<std::uint32_t>(a * a) + static_cast<std::uint32_t>(b * b);
  const std::int32_t log2 = (log2_q16(power, 2 * (exponent + down)) + 64) >> 7;
  return saturate_16(log2 > floor ? log2 : floor);
}

}  // namespace

void spectrogram_frame(const SpectrogramParams& p, const std::int16_t* x, std::int32_t* scratch, std::int16_t* out) {
  const std::int32_t exponent = spectrum(p.spectrum, x, scratch);
  const std::int32_t length = 1 << (p.spectrum.fft_log2 - 1);
  out[0] = log2_power(scratch[0], 0, exponent, p.floor);
  out[length] = log2_power(scratch[1], 0, exponent, p.floor);
  for (std::int32_t k = 1; k < length; ++k) {
    out[k] = log2_power(scratch[2 * k], scratch[2 * k + 1], exponent, p.floor);
  }
}

}  // namespace mote::signal
