// Mel segments in 32-bit multiplies.
#include "device/signal/mel.h"

#include "device/signal/bits.h"
#include "device/signal/logarithm.h"

namespace mote::signal {

SegmentSums mel_segment(const MelParams& p, const std::int32_t* y, std::int32_t segment) {
  const std::int32_t first = p.edges[segment];
  const std::int32_t count = p.edges[segment + 1] - first;
  const std::int16_t* rise = p.rise + (first - p.edges[0]);
  const std::int32_t* bins = y + 2 * first;
  const std::int32_t* const end = bins + 2 * count;
  std::uint32_t bits = 0;
  for (const std::int32_t* at = bins; at < end; ++at) bits |= magnitude_bits(*at);
  if (bits == 0) return {0, 0, 0};
  const std::int32_t length = bit_length(bits);
  const std::int32_t down = length > 15 ? length - 15 : 0;
  const std::int32_t kept = length - down;  // at most 15 bits of amplitude
  // Powers up to 2^(2 kept + 1) shrink to 2^(19 - log2 count).
  const std::int32_t count_log2 = bit_length(static_cast<std::uint32_t>(count - 1));
  const std::int32_t excess = 2 * kept + 1 - (19 - count_log2);
  const std::int32_t shrink = excess > 0 ? excess : 0;
  const std::int32_t half_step = (1 << down) >> 1;
  const std::uint32_t half_unit = (std::uint32_t{1} << shrink) >> 1;
  std::uint32_t sum = 0;
  std::uint32_t rising = 0;
  for (; bins < end; bins += 2) {
    const std::int32_t re = (bins[0] + half_step) >> down;  // |.| <= 2^15; spectrum() keeps |y| below 2^31 - 2^16
    const std::int32_t im = (bins[1] + half_step) >> down;
    // Each square is at most 2^30.
    const std::uint32_t power =
        (static_cast<std::uint32_t>(re * re) + static_cast<std::uint32_t>(im * im) + half_unit) >> shrink;
    sum += power;
    rising += power * static_cast<std::uint32_t>(*rise++);
  }
  return {rising, sum * 4096 - rising, 2 * down + shrink - 12};
}

Energy add(Energy a, Energy b) {
  if (a.mantissa == 0) return b;
  if (b.mantissa == 0) return a;
  const bool a_first = a.exponent >= b.exponent;
  const Energy high = a_first ? a : b;
  const Energy low = a_first ? b : a;
  const std::int32_t apart = high.exponent - low.exponent;
  // 31 bits under the higher one's unit; the sum is below 2^64.
  const std::uint64_t aligned = apart < 63 ? (static_cast<std::uint64_t>(low.mantissa) << 31) >> apart : 0;
  const std::uint64_t sum = (static_cast<std::uint64_t>(high.mantissa) << 31) + aligned;
  const std::int32_t length = bit_length(sum);
  const std::int32_t down = length > 32 ? length - 32 : 0;
  return {static_cast<std::uint32_t>(sum >> down), high.exponent - 31 + down};  // below 2^32
}

std::int16_t log_energy(const MfeParams& p, std::int32_t band, Energy energy) {
  if (energy.mantissa == 0) return saturate_16(p.floor);
  const std::int32_t log2 = ((log2_q16(energy.mantissa, energy.exponent) + 64) >> 7) + p.mel.log_gain[band];
  return saturate_16(log2 > p.floor ? log2 : p.floor);
}

}  // namespace mote::signal
