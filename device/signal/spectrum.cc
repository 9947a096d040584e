// Block-scaled real FFT on 32-bit data and 16-bit twiddles.
//
// Bits. A sequence of 2^fft_log2 real samples is packed into half as many complex ones. The first pass (radix 4, or
// radix 2 when the length is an odd power) has no twiddles and lets magnitudes grow by its radix; every later radix-4
// pass halves its inputs while it rotates them and so grows them by 2. With `growth` the sum of these bits, samples
// below 2^(30 - growth) become complex numbers (x sqrt 2) below 2^30.5. The real split adds two of them, halved.
#include "device/signal/spectrum.h"

#include "device/signal/bits.h"
#include "device/signal/passes.h"

namespace mote::signal {
namespace {

// Number of bits by which the passes let magnitudes grow; length is log2 of the complex length.
constexpr std::int32_t growth_bits(std::int32_t length_log2) { return 1 + (length_log2 + 1) / 2 - length_log2 % 2; }

// Windowed samples of a frame, by their index: v[n] * 2^up * window[n] * 2^(15 - growth).
struct PlainSamples {
  static constexpr std::int32_t kScale = 15;
  const std::int16_t* x;
  const std::int16_t* window;
  std::int32_t up, growth;
  // |x * 2^up| <= 2^15, times a window below 2^15: below 2^30.
  [[gnu::always_inline]] std::int32_t operator()(std::int32_t n) const {
    return (x[n] * (1 << up) * window[n]) >> growth;
  }
};

// The same with pre-emphasis, and one bit less.
struct EmphasisedSamples {
  static constexpr std::int32_t kScale = 14;
  const std::int16_t* x;
  const std::int16_t* window;
  std::int32_t up, growth, emphasis;
  // In Q14 a sample is below 2^29, and the difference of two below 2^30.
  [[gnu::always_inline]] std::int32_t operator()(std::int32_t n) const {
    const std::int32_t before = (x[n - 1] * (1 << up) * emphasis) >> 1;
    return half_product(x[n] * (1 << (up + 14)) - before, window[n]) >> (growth - 1);
  }
};

// Puts samples as complex pairs into bit-reversed order, zeros behind the frame.
template <class Samples>
[[gnu::always_inline]] inline void load_frame(std::int32_t frame_elems, std::int32_t length, Samples sample,
                                              std::int32_t* y) {
  std::int32_t reversed = 0;  // of n / 2, and even
  for (std::int32_t n = 0; n < 2 * length; n += 4) {
    // Two pairs: the reversed index of an odd number is its predecessor's and half the length.
    std::int32_t* const even = y + 2 * reversed;
    std::int32_t* const odd = even + length;
    if (n + 4 <= frame_elems) {
      even[0] = sample(n);
      even[1] = sample(n + 1);
      odd[0] = sample(n + 2);
      odd[1] = sample(n + 3);
    } else {
      even[0] = n < frame_elems ? sample(n) : 0;
      even[1] = n + 1 < frame_elems ? sample(n + 1) : 0;
      odd[0] = n + 2 < frame_elems ? sample(n + 2) : 0;
      odd[1] = 0;
    }
    std::int32_t bit = length >> 2;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
}

// Scales, windows and loads the frame. Returns log2 of the scale.
std::int32_t load_frame(const SpectrumParams& p, const std::int16_t* x, std::int32_t* y) {
  std::uint32_t bits = 0;
  for (std::int32_t n = p.pre_emphasis == 0 ? 0 : -1; n < p.frame.frame_elems; ++n) bits |= magnitude_bits(x[n]);
  const std::int32_t up = 15 - bit_length(bits);            // in [0, 15]
  const std::int32_t growth = growth_bits(p.fft_log2 - 1);  // in [3, 7]
  const std::int32_t length = 1 << (p.fft_log2 - 1);
  if (p.pre_emphasis == 0) {
    load_frame(p.frame.frame_elems, length, PlainSamples{x, p.window, up, growth}, y);
    return up - growth + PlainSamples::kScale;
  }
  load_frame(p.frame.frame_elems, length, EmphasisedSamples{x, p.window, up, growth, p.pre_emphasis}, y);
  return up - growth + EmphasisedSamples::kScale;
}

// The complex transform of 2^length_log2 elements in place. Returns how many bits it scaled down by.
std::int32_t transform(std::int32_t length_log2, const std::int16_t* twiddles, std::int32_t* y) {
  const std::int32_t length = 1 << length_log2;
  std::int32_t* const end = y + 2 * length;
  std::int32_t quarter = 4;  // a quarter of the size of the blocks that the pass makes
  if (length_log2 % 2 == 0) {
    first_pass(y, end);
  } else {
    for (std::int32_t* at = y; at < end; at += 4) {
      const Complex a = load(at);
      const Complex b = load(at + 2);
      store(at, a + b);
      store(at + 2, a - b);
    }
    quarter = 2;
  }
  std::int32_t passes = 0;
  for (; 4 * quarter <= length; quarter *= 4, ++passes) pass(y, end, quarter, length / quarter, twiddles);
  return passes;
}

}  // namespace

std::int32_t spectrum(const SpectrumParams& p, const std::int16_t* x, std::int32_t* y) {
  const std::int32_t length_log2 = p.fft_log2 - 1;
  const std::int32_t scale = load_frame(p, x, y);
  const std::int32_t passes = transform(length_log2, p.twiddles, y);
  split(1 << length_log2, p.twiddles, y);
  return passes + 1 - scale;
}

}  // namespace mote::signal
