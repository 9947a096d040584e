// Passes of the Fourier transform and the real split, one butterfly after the other.
#pragma once

#include <cstdint>

#include "device/signal/butterfly.h"

namespace mote::signal::portable {

// The first pass of a transform of 4^n elements: no twiddles, nothing is halved.
inline void first_pass(std::int32_t* y, const std::int32_t* end) {
  constexpr auto kAsItIs = [](Complex a) { return a; };
  for (std::int32_t* at = y; at < end; at += 8) butterfly(at, 2, kAsItIs, kAsItIs, kAsItIs, kAsItIs);
}

// A pass that makes blocks of 4 * quarter elements. One element of a block is `step` numbers further in the table: the
// length over the block's, two numbers each.
inline void pass(std::int32_t* y, const std::int32_t* end, std::int32_t quarter, std::int32_t step,
                 const std::int16_t* twiddles) {
  const std::int32_t stride = 2 * quarter;
  for (std::int32_t* at = y; at < end; at += 4 * stride) butterfly(at, stride, halved, halved, halved, halved);
  for (std::int32_t j = 1; j < quarter; ++j) {
    const Rotation once(twiddles + j * step);
    const Rotation twice(twiddles + 2 * j * step);
    const Rotation thrice(twiddles + 3 * j * step);
    for (std::int32_t* at = y + 2 * j; at < end; at += 4 * stride) butterfly(at, stride, halved, twice, once, thrice);
  }
}

// X[0] and X[length], which share a place.
inline void split_first(std::int32_t* y) {
  const Complex first = halved(load(y));
  store(y, {first.re + first.im, first.re - first.im});
}

// Half the spectrum of the real sequence from the transform of its packed form, in place.
//   E = (Z[k] + conj Z[-k]) / 2, O = (Z[k] - conj Z[-k]) / 2i, X[k] = E + w^k O, X[length - k] = conj(E - w^k O)
inline void split(std::int32_t length, const std::int16_t* twiddles, std::int32_t* y) {
  split_first(y);
  for (std::int32_t k = 1; 2 * k <= length; ++k) {
    std::int32_t* low = y + 2 * k;
    std::int32_t* high = y + 2 * (length - k);
    const Complex a = halved(load(low));
    const Complex b = halved(load(high));
    const Complex even = halved({a.re + b.re, a.im - b.im});
    const Complex odd = Rotation(twiddles + 2 * k)({a.im + b.im, b.re - a.re});
    store(low, even + odd);
    store(high, {even.re - odd.re, odd.im - even.im});
  }
}

}  // namespace mote::signal::portable
