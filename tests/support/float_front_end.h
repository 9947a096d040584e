// The mel front end in floating point, for comparison: in double the reference on long recordings (anchored to SciPy's
// vectors), in float what a chip without our integers would run. Tables are the caller's.
#pragma once

#include <cstdint>

namespace mote::reference {

template <class Real>
struct FloatMfe {
  std::int32_t frame_elems;
  std::int32_t fft_log2;  // odd: the complex transform is a power of 4
  std::int32_t bands;
  const Real* window;         // [frame_elems]
  const Real* twiddles;       // [3 * 2^(fft_log2 - 2)][2]: cos, -sin
  const std::int16_t* edges;  // [bands + 2]
  const Real* rise;           // [edges[bands + 1] - edges[0]]
};

template <class Real>
struct FloatComplex {
  Real re;
  Real im;
  FloatComplex operator+(FloatComplex o) const { return {re + o.re, im + o.im}; }
  FloatComplex operator-(FloatComplex o) const { return {re - o.re, im - o.im}; }
  FloatComplex operator*(FloatComplex o) const { return {re * o.re - im * o.im, re * o.im + im * o.re}; }
};

// energies[b] of one frame. scratch [2^fft_log2].
template <class Real>
void float_mel_energies(const FloatMfe<Real>& p, const std::int16_t* x, Real* scratch, Real* energies) {
  using Complex = FloatComplex<Real>;
  auto* const y = reinterpret_cast<Complex*>(scratch);
  const auto twiddle = [&](std::int32_t k) { return Complex{p.twiddles[2 * k], p.twiddles[2 * k + 1]}; };
  const std::int32_t length = 1 << (p.fft_log2 - 1);
  const auto sample = [&](std::int32_t n) {
    return n < p.frame_elems ? static_cast<Real>(x[n]) * p.window[n] : Real{0};
  };
  std::int32_t reversed = 0;
  for (std::int32_t n = 0; n < length; ++n) {
    y[reversed] = {sample(2 * n), sample(2 * n + 1)};
    std::int32_t bit = length >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
  for (std::int32_t quarter = 1; quarter < length; quarter *= 4) {
    const std::int32_t step = (1 << p.fft_log2) / (4 * quarter);
    for (std::int32_t j = 0; j < quarter; ++j) {
      for (std::int32_t at = j; at < length; at += 4 * quarter) {
        const Complex a = y[at];
        // No multiplications by 1: a library would not make them either.
        const Complex b = j == 0 ? y[at + quarter] : y[at + quarter] * twiddle(2 * j * step);
        const Complex c = j == 0 ? y[at + 2 * quarter] : y[at + 2 * quarter] * twiddle(j * step);
        const Complex d = j == 0 ? y[at + 3 * quarter] : y[at + 3 * quarter] * twiddle(3 * j * step);
        const Complex even_sum = a + b;
        const Complex even_difference = a - b;
        const Complex odd_sum = c + d;
        const Complex odd_difference = c - d;
        y[at] = even_sum + odd_sum;
        y[at + quarter] = {even_difference.re + odd_difference.im, even_difference.im - odd_difference.re};
        y[at + 2 * quarter] = even_sum - odd_sum;
        y[at + 3 * quarter] = {even_difference.re - odd_difference.im, even_difference.im + odd_difference.re};
      }
    }
  }
  // Twice the spectrum, the ends left out: no band weighs them.
  for (std::int32_t k = 1; 2 * k <= length; ++k) {
    const Complex a = y[k];
    const Complex b = {y[length - k].re, -y[length - k].im};
    const Complex even = a + b;
    const Complex difference = a - b;
    const Complex odd = Complex{difference.im, -difference.re} * twiddle(k);
    y[k] = even + odd;
    y[length - k] = {even.re - odd.re, odd.im - even.im};
  }
  const Real* rise = p.rise;
  Real rising{0};
  for (std::int32_t segment = 0; segment <= p.bands; ++segment) {
    Real sum{0};
    Real weighted{0};
    for (std::int32_t k = p.edges[segment]; k < p.edges[segment + 1]; ++k) {
      const Real power = y[k].re * y[k].re + y[k].im * y[k].im;
      sum += power;
      weighted += power * *rise++;
    }
    if (segment > 0) energies[segment - 1] = (rising + (sum - weighted)) * static_cast<Real>(0.25);
    rising = weighted;
  }
}

}  // namespace mote::reference
