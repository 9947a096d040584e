// Block-scaled real FFT on 32-bit data and 16-bit twiddles.
//
// Bits. A sequence of 2^fft_log2 real samples is packed into half as many complex ones. The first pass (radix 4, or
// radix 2 when the length is an odd power) has no twiddles and lets magnitudes grow by its radix; every later radix-4
// pass halves its inputs while it rotates them and so grows them by 2. With `growth` the sum of these bits, samples
// below 2^(30 - growth) become complex numbers (x sqrt 2) below 2^30.5. The real split adds two of them, halved.
#include "device/signal/spectrum.h"

#include "device/signal/bits.h"
#include "device/signal/logarithm.h"
#include "device/signal/rotate.h"

namespace mote::signal {
namespace {

Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
Complex halved(Complex a) { return {a.re >> 1, a.im >> 1}; }
Complex load(const std::int32_t* at) { return {at[0], at[1]}; }
void store(std::int32_t* at, Complex a) {
  at[0] = a.re;
  at[1] = a.im;
}

// The four outputs of a radix-4 butterfly, `quarter` complex elements apart; b, c, d are rotated already.
// In bit-reversed order c and d are the odd elements.
void butterfly(std::int32_t* at, std::int32_t quarter, Complex a, Complex b, Complex c, Complex d) {
  const Complex even_sum = a + b;
  const Complex even_difference = a - b;
  const Complex odd_sum = c + d;
  const Complex odd_difference = c - d;  // to be turned by -i
  store(at, even_sum + odd_sum);
  store(at + 2 * quarter, {even_difference.re + odd_difference.im, even_difference.im - odd_difference.re});
  store(at + 4 * quarter, even_sum - odd_sum);
  store(at + 6 * quarter, {even_difference.re - odd_difference.im, even_difference.im + odd_difference.re});
}

// Number of bits by which the passes let magnitudes grow; length is log2 of the complex length.
constexpr std::int32_t growth_bits(std::int32_t length_log2) { return 1 + (length_log2 + 1) / 2 - length_log2 % 2; }

// Windowed samples, scaled, as complex numbers in bit-reversed order. Returns log2 of the scale.
std::int32_t load_frame(const SpectrumParams& p, const std::int16_t* x, std::int32_t* y) {
  const std::int32_t half = 1 << (p.fft_log2 - 1);
  std::uint32_t bits = 0;
  for (std::int32_t n = p.pre_emphasis == 0 ? 0 : -1; n < p.frame.frame_elems; ++n) bits |= magnitude_bits(x[n]);
  const std::int32_t up = 15 - bit_length(bits);            // |x * 2^up| <= 2^15; in [0, 15]
  const std::int32_t growth = growth_bits(p.fft_log2 - 1);  // in [3, 7]
  const auto sample = [&](std::int32_t n) -> std::int32_t {
    if (n >= p.frame.frame_elems) return 0;
    const std::int32_t v = x[n] * (1 << up);
    if (p.pre_emphasis == 0) return (v * p.window[n]) >> growth;
    // |v| <= 2^15 in Q14 and its difference with another one: below 2^30; half of that after the window.
    const std::int32_t difference = v * (1 << 14) - ((x[n - 1] * (1 << up) * p.pre_emphasis) >> 1);
    return half_product(difference, p.window[n]) >> (growth - 1);
  };
  std::int32_t reversed = 0;
  for (std::int32_t n = 0; n < half; ++n) {
    y[2 * reversed] = sample(2 * n);
    y[2 * reversed + 1] = sample(2 * n + 1);
    std::int32_t bit = half >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
  return up - growth + (p.pre_emphasis == 0 ? 15 : 14);
}

// The complex transform of 2^length_log2 elements in place. Returns how many bits it scaled down by.
std::int32_t transform(std::int32_t length_log2, const SpectrumParams& p, std::int32_t* y) {
  const std::int32_t length = 1 << length_log2;
  std::int32_t quarter = 1;  // a quarter of the size of the blocks that the pass makes
  if (length_log2 % 2 == 0) {
    for (std::int32_t i = 0; i < length; i += 4) {
      std::int32_t* at = y + 2 * i;
      butterfly(at, 1, load(at), load(at + 2), load(at + 4), load(at + 6));
    }
    quarter = 4;
  } else {
    for (std::int32_t i = 0; i < length; i += 2) {
      std::int32_t* at = y + 2 * i;
      const Complex a = load(at);
      const Complex b = load(at + 2);
      store(at, a + b);
      store(at + 2, a - b);
    }
    quarter = 2;
  }
  std::int32_t passes = 0;
  for (; 4 * quarter <= length; quarter *= 4, ++passes) {
    std::int32_t* const end = y + 2 * length;
    for (std::int32_t* at = y; at < end; at += 8 * quarter) {
      butterfly(at, quarter, halved(load(at)), halved(load(at + 2 * quarter)), halved(load(at + 4 * quarter)),
                halved(load(at + 6 * quarter)));
    }
    const std::int32_t step = (1 << p.fft_log2) / (4 * quarter);  // of the table, for one element of the block
    for (std::int32_t j = 1; j < quarter; ++j) {
      const std::int16_t* w1 = p.twiddles + 2 * j * step;
      const std::int16_t* w2 = p.twiddles + 4 * j * step;
      const std::int16_t* w3 = p.twiddles + 6 * j * step;
      for (std::int32_t* at = y + 2 * j; at < end; at += 8 * quarter) {
        butterfly(at, quarter, halved(load(at)), rotate_half(load(at + 2 * quarter), w2),
                  rotate_half(load(at + 4 * quarter), w1), rotate_half(load(at + 6 * quarter), w3));
      }
    }
  }
  return passes;
}

// Half the spectrum of the real sequence from the transform of its packed form, in place.
//   E = (Z[k] + conj Z[-k]) / 2, O = (Z[k] - conj Z[-k]) / 2i, X[k] = E + w^k O, X[length - k] = conj(E - w^k O)
void split(std::int32_t length, const std::int16_t* twiddles, std::int32_t* y) {
  const Complex first = halved(load(y));
  store(y, {first.re + first.im, first.re - first.im});
  for (std::int32_t k = 1; 2 * k <= length; ++k) {
    std::int32_t* low = y + 2 * k;
    std::int32_t* high = y + 2 * (length - k);
    const Complex a = halved(load(low));
    const Complex b = halved(load(high));
    const Complex even = halved({a.re + b.re, a.im - b.im});
    const Complex odd = rotate_half({a.im + b.im, b.re - a.re}, twiddles + 2 * k);
    store(low, even + odd);
    store(high, {even.re - odd.re, odd.im - even.im});
  }
}

}  // namespace

std::int32_t spectrum(const SpectrumParams& p, const std::int16_t* x, std::int32_t* y) {
  const std::int32_t length_log2 = p.fft_log2 - 1;
  const std::int32_t scale = load_frame(p, x, y);
  const std::int32_t passes = transform(length_log2, p, y);
  split(1 << length_log2, p.twiddles, y);
  return passes + 1 - scale;
}

}  // namespace mote::signal
