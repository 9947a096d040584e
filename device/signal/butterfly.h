// Complex numbers in memory, and the radix-4 butterfly.
#pragma once

#include <cstdint>

#include "device/signal/rotate.h"

namespace mote::signal {

// Always inlined: gcc otherwise moves every complex number through memory.
[[gnu::always_inline]] inline Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
[[gnu::always_inline]] inline Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
[[gnu::always_inline]] inline Complex halved(Complex a) { return {a.re >> 1, a.im >> 1}; }
[[gnu::always_inline]] inline Complex load(const std::int32_t* at) { return {at[0], at[1]}; }
[[gnu::always_inline]] inline void store(std::int32_t* at, Complex a) {
  at[0] = a.re;
  at[1] = a.im;
}

// A radix-4 butterfly in place; elements are `stride` int32 apart. In bit-reversed order the second pair is the odd
// one. enter(element) is what happens to each on the way in: rotation, scaling.
template <class First, class Second, class Third, class Fourth>
[[gnu::always_inline]] inline void butterfly(std::int32_t* at, std::int32_t stride, First a_of, Second b_of, Third c_of,
                                             Fourth d_of) {
  const Complex c = c_of(load(at + 2 * stride));
  const Complex d = d_of(load(at + 3 * stride));
  const Complex odd_sum = c + d;
  const Complex odd_difference = c - d;  // to be turned by -i
  const Complex a = a_of(load(at));
  const Complex b = b_of(load(at + stride));
  const Complex even_sum = a + b;
  const Complex even_difference = a - b;
  store(at, even_sum + odd_sum);
  store(at + 2 * stride, even_sum - odd_sum);
  store(at + stride, {even_difference.re + odd_difference.im, even_difference.im - odd_difference.re});
  store(at + 3 * stride, {even_difference.re - odd_difference.im, even_difference.im + odd_difference.re});
}

}  // namespace mote::signal
