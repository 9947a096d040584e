// Per-channel energy normalisation in logarithms: quotients and powers become sums and products.
#include "device/signal/bits.h"
#include "device/signal/logarithm.h"
#include "device/signal/mel.h"
#include "device/signal/mfe.h"
#include "device/signal/spectrum.h"

namespace mote::signal {
namespace {

// E in Q8. It is below 2^55, so that it stays below 2^63.
std::uint64_t fixed_point(Energy energy) {
  const std::int32_t up = energy.exponent + 8;
  if (up >= 0) return static_cast<std::uint64_t>(energy.mantissa) << up;
  return up > -32 ? energy.mantissa >> -up : 0;
}

// log2 of x in Q8. x >= 1.
std::int32_t log2_of_q8(std::uint64_t x) {
  const std::int32_t length = bit_length(x);
  const std::int32_t down = length > 32 ? length - 32 : 0;
  return log2_q16(static_cast<std::uint32_t>(x >> down), down - 8);  // below 2^32
}

// M + smoothing * (E - M), both cut to 32 bits of the larger, so that products fit 64.
std::uint64_t smooth(std::uint64_t m, std::uint64_t e, std::int32_t smoothing) {
  const std::int32_t length = bit_length(m | e);
  const std::int32_t down = length > 32 ? length - 32 : 0;
  const auto s = static_cast<std::uint64_t>(smoothing);
  const std::uint64_t mixed = (e >> down) * s + (m >> down) * (65536 - s) + 32768;  // below 2^49
  return down >= 16 ? mixed << (down - 16) : mixed >> (16 - down);
}

// a * b / 2^15; |a| < 2^24, b <= 2^15: in 64 bits.
std::int32_t scaled_q15(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>((static_cast<std::int64_t>(a) * b) >> 15);  // no larger than a
}

// log2(2^a + 2^b) in Q16.
std::int32_t log2_of_sum(std::int32_t a, std::int32_t b) {
  const std::int32_t high = a > b ? a : b;
  const std::int32_t low = a > b ? b : a;
  return high + log2_q16(65536 + exp2_q16(low - high), -16);  // 1 to 2 in Q16
}

}  // namespace

void pcen_frame(const PcenParams& p, const std::int16_t* x, std::int32_t* scratch, std::uint64_t* smoothed,
                std::int16_t* out) {
  const std::int32_t exponent = spectrum(p.spectrum, x, scratch);
  for_each_band(p.mel, scratch, exponent, [&](std::int32_t band, Energy energy) {
    const std::uint64_t e = fixed_point(energy);
    std::uint64_t& m = smoothed[band];
    m = m == 0 ? e : smooth(m, e, p.smoothing);
    std::int32_t ratio = -64 * 65536;  // log2 of E / (epsilon + M)^gain
    if (e != 0) ratio = log2_of_q8(e) - scaled_q15(log2_of_q8(m + p.epsilon), p.gain);
    const std::int32_t power = scaled_q15(log2_of_sum(ratio, p.log2_bias), p.power);
    const std::uint32_t value = exp2_q16(power);
    const std::uint32_t above =
        value > static_cast<std::uint32_t>(p.bias_power) ? value - static_cast<std::uint32_t>(p.bias_power) : 0;
    const std::uint32_t rounded = ((above >> (15 - p.fraction_bits)) + 1) >> 1;  // at most 2^31
    out[band] = static_cast<std::int16_t>(rounded < 32767 ? rounded : 32767);
  });
}

}  // namespace mote::signal
