// The arithmetic of the micro front end. Its 16-bit transform rounds every product, halves with truncation in the real
// split, and scales by 1/4 a pass through a multiplication with 8191 / 2^15; results depend on all of that.
#include "device/signal/micro_front_end.h"

#include "device/signal/bits.h"
#include "device/signal/logarithm.h"

namespace mote::signal {
namespace {

struct Complex16 {
  std::int32_t re;  // of 16 bits once narrow() has seen them
  std::int32_t im;
};

// The reference keeps 16 bits and wraps.
std::int16_t wrap(std::int32_t x) { return static_cast<std::int16_t>(x); }
std::int16_t rounded_q15(std::int32_t x) { return wrap((x + (1 << 14)) >> 15); }

Complex16 load(const std::int16_t* at) { return {at[0], at[1]}; }
void store(std::int16_t* at, std::int32_t re, std::int32_t im) {
  at[0] = wrap(re);
  at[1] = wrap(im);
}
Complex16 operator+(Complex16 a, Complex16 b) { return {wrap(a.re + b.re), wrap(a.im + b.im)}; }
Complex16 operator-(Complex16 a, Complex16 b) { return {wrap(a.re - b.re), wrap(a.im - b.im)}; }
// a / divisor as a product with floor(32767 / divisor).
Complex16 divided(Complex16 a, std::int32_t divisor) {
  return {rounded_q15(a.re * (32767 / divisor)), rounded_q15(a.im * (32767 / divisor))};
}
// |w| <= 1, so that neither sum leaves 32 bits: 2 * 2^15 * 32767 + 2^14 < 2^31.
Complex16 operator*(Complex16 a, Complex16 w) {
  return {rounded_q15(a.re * w.re - a.im * w.im), rounded_q15(a.re * w.im + a.im * w.re)};
}

// Windowed samples into bit-reversed order, as complex pairs, padded with zeros; returns the bits they were scaled up.
std::int32_t load_frame(const MicroFrontEndParams& p, const std::int16_t* x, std::int16_t* y) {
  const std::int32_t length = 1 << (p.fft_log2 - 1);
  // |x * window / 2^12| <= 2^15; the reference overlooks the one value that has no positive counterpart.
  std::int32_t loudest = 0;
  for (std::int32_t n = 0; n < p.frame.frame_elems; ++n) {
    const std::int32_t v = (x[n] * p.window[n]) >> 12;
    const std::int32_t magnitude = wrap(v < 0 ? -v : v);
    if (magnitude > loudest) loudest = magnitude;
  }
  const std::int32_t up = 15 - bit_length(static_cast<std::uint32_t>(loudest));
  const auto sample = [&](std::int32_t n) {
    return n < p.frame.frame_elems ? ((x[n] * p.window[n]) >> 12) * (1 << up) : 0;
  };
  std::int32_t reversed = 0;
  for (std::int32_t n = 0; n < length; ++n) {
    store(y + 2 * reversed, sample(2 * n), sample(2 * n + 1));
    std::int32_t bit = length >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
  return up;
}

// The complex transform in place, scaled by 1 / length.
void transform(const MicroFrontEndParams& p, std::int16_t* y) {
  const std::int32_t length = 1 << (p.fft_log2 - 1);
  for (std::int32_t quarter = 1; quarter < length; quarter *= 4) {
    const std::int32_t step = (1 << p.fft_log2) / (4 * quarter);
    for (std::int32_t j = 0; j < quarter; ++j) {
      const std::int16_t* w = p.twiddles + 2 * j * step;
      const std::int16_t* w2 = p.twiddles + 4 * j * step;
      const std::int16_t* w3 = p.twiddles + 6 * j * step;
      for (std::int16_t* at = y + 2 * j; at < y + 2 * length; at += 8 * quarter) {
        const Complex16 a = divided(load(at), 4);
        const Complex16 b = divided(load(at + 2 * quarter), 4) * load(w2);
        const Complex16 c = divided(load(at + 4 * quarter), 4) * load(w);
        const Complex16 d = divided(load(at + 6 * quarter), 4) * load(w3);
        const Complex16 even_sum = a + b;
        const Complex16 even_difference = a - b;
        const Complex16 odd_sum = c + d;
        const Complex16 odd_difference = c - d;
        store(at, even_sum.re + odd_sum.re, even_sum.im + odd_sum.im);
        store(at + 2 * quarter, even_difference.re + odd_difference.im, even_difference.im - odd_difference.re);
        store(at + 4 * quarter, even_sum.re - odd_sum.re, even_sum.im - odd_sum.im);
        store(at + 6 * quarter, even_difference.re - odd_difference.im, even_difference.im + odd_difference.re);
      }
    }
  }
}

// The spectrum of the real samples in place: length + 1 complex numbers.
void split(std::int32_t length, const std::int16_t* twiddles, std::int16_t* y) {
  const Complex16 first = divided(load(y), 2);
  store(y, first.re + first.im, 0);
  store(y + 2 * length, first.re - first.im, 0);
  for (std::int32_t k = 1; 2 * k <= length; ++k) {
    std::int16_t* low = y + 2 * k;
    std::int16_t* high = y + 2 * (length - k);
    const Complex16 a = divided(load(low), 2);
    const Complex16 mirrored = divided({high[0], wrap(-high[1])}, 2);
    const Complex16 sum = a + mirrored;
    const Complex16 turned = (a - mirrored) * load(twiddles + 2 * (k + length / 2));  // -i * w^k
    store(low, (sum.re + turned.re) >> 1, (sum.im + turned.im) >> 1);
    store(high, (sum.re - turned.re) >> 1, (turned.im - sum.im) >> 1);
  }
}

// Piecewise parabola over powers of two: the gain for a noise level.
std::int32_t gain_for(std::uint32_t noise, const std::int16_t* table) {
  if (noise <= 2) return table[noise];
  const std::int32_t interval = bit_length(noise);
  const std::int16_t* piece = table + 4 * interval - 6;
  const std::uint32_t aligned = interval < 11 ? noise << (11 - interval) : noise >> (interval - 11);
  const auto along = static_cast<std::int32_t>(aligned & 0x3FF);
  // |piece| < 2^15 and along < 2^10: the products stay below 2^31.
  std::int32_t result = (piece[2] * along) >> 5;
  result += piece[1] * 32;
  result = static_cast<std::int32_t>(static_cast<std::uint32_t>(result) * static_cast<std::uint32_t>(along));
  result = (result + (1 << 14)) >> 15;
  return wrap(result + piece[0]);
}

// A soft threshold at 2 in Q12; the result is in Q6.
std::uint32_t shrink(std::uint32_t snr) { return snr < (2U << 12) ? (snr * snr) >> 20 : (snr >> 6) - 64; }

// 2^output_shift * ln x. x >= 2.
std::uint32_t scaled_ln(std::uint32_t x, std::int32_t output_shift) {
  const auto whole = static_cast<std::uint32_t>(bit_length(x) - 1);
  std::uint32_t fraction = x - (std::uint32_t{1} << whole);  // Q(whole), made Q16
  fraction = whole < 16 ? fraction << (16 - whole) : fraction >> (whole - 16);
  const std::uint32_t segment = fraction >> 9;
  const std::int32_t low = kLog2Correction.q16[segment];
  const std::int32_t high = kLog2Correction.q16[segment + 1];
  // The reference shifts by 16 where a straight line would need 9.
  const std::int32_t correction = low + (((high - low) * static_cast<std::int32_t>(fraction & 511)) >> 16);
  const std::uint32_t log2 = (whole << 16) + fraction + static_cast<std::uint32_t>(correction);  // below 2^21
  constexpr std::uint64_t kLn2 = 45426;                                                          // Q16
  const std::uint64_t ln = (kLn2 * log2 + (1 << 15)) >> 16;
  return static_cast<std::uint32_t>(((ln << output_shift) + (1 << 15)) >> 16);  // below 2^21
}

}  // namespace

void micro_front_end_frame(const MicroFrontEndParams& p, const std::int16_t* x, std::int16_t* scratch,
                           std::uint32_t* noise, std::uint16_t* out) {
  const std::int32_t up = load_frame(p, x, scratch);
  transform(p, scratch);
  split(1 << (p.fft_log2 - 1), p.twiddles, scratch);

  std::int32_t k = p.edges[0];
  const std::int16_t* rise = p.rise;
  const std::int16_t* fall = p.fall;
  std::uint64_t rising = 0;  // powers up to 2^31 times weights up to 2^12 over fewer than 2^11 frequencies: below 2^54
  for (std::int32_t segment = 0; segment <= p.bands; ++segment) {
    std::uint64_t sum = rising;
    rising = 0;
    for (; k < p.edges[segment + 1]; ++k) {
      const std::int32_t re = scratch[2 * k];
      const std::int32_t im = scratch[2 * k + 1];
      const std::uint32_t power = static_cast<std::uint32_t>(re * re) + static_cast<std::uint32_t>(im * im);
      sum += static_cast<std::uint64_t>(power) * static_cast<std::uint32_t>(*fall++);
      rising += static_cast<std::uint64_t>(power) * static_cast<std::uint32_t>(*rise++);
    }
    if (segment == 0) continue;  // falls in no band
    const std::int32_t band = segment - 1;
    const std::uint32_t signal = rounded_square_root(sum) >> up;  // below 2^27

    const auto smoothing = static_cast<std::uint32_t>(band % 2 == 0 ? p.even_smoothing : p.odd_smoothing);
    const std::uint32_t scaled = signal << p.smoothing_bits;  // the reference keeps 32 bits
    const auto estimate = static_cast<std::uint32_t>((static_cast<std::uint64_t>(scaled) * smoothing +
                                                      static_cast<std::uint64_t>(noise[band]) * (16384 - smoothing)) >>
                                                     14);  // a mean of two numbers below 2^32
    noise[band] = estimate;
    const std::uint32_t subtracted = (scaled - (estimate < scaled ? estimate : scaled)) >> p.smoothing_bits;
    const auto least = static_cast<std::uint32_t>(
        (static_cast<std::uint64_t>(signal) * static_cast<std::uint32_t>(p.min_signal_remaining)) >> 14);  // <= signal
    std::uint32_t value = subtracted > least ? subtracted : least;

    if (p.gain_control) {
      // The gain is below 2^15 and not negative.
      const auto gain = static_cast<std::uint32_t>(gain_for(estimate, p.gain_table));
      value = shrink(static_cast<std::uint32_t>((static_cast<std::uint64_t>(value) * gain) >> p.gain_shift));
    }
    value <<= p.log_shift;
    const std::uint32_t log = value > 1 ? scaled_ln(value, p.output_shift) : 0;
    out[band] = static_cast<std::uint16_t>(log < 0xFFFF ? log : 0xFFFF);
  }
}

}  // namespace mote::signal
