// The packing `pixel_pairs`: how kernels of cores without SIMD want the int8 weights of a convolution.
#pragma once

#include <cstdint>

namespace mote::kernels {

// Two output pixels P and Q share the halves of a word, x = xP + 2^16 * xQ, so that one 32-bit multiplication by a
// weight and one addition serve both. The sum of a few products, a segment of the window, starts from 2^15:
//   s = 2^15 + sum(w * xP) + 2^16 * sum(w * xQ)
// While both sums are within int16, s >> 16 is Q's. All segments' s >> 16 add up to what Q comes to; all s to what P
// comes to, modulo 2^32, once Q's is taken off the upper half. The packer knows the weights, so it makes segments as
// long as every input allows: until |w| add up to 255 or so. As int32:
//   weights [channels rounded up to 8 / 8][taps][8] s8
//   per channel, or per pair of channels where the kernel takes two at a time, the last padded with a channel of zeros:
//     (1 + 2^16) * bias - 2^15 * segments, bias    of each channel: from which both sums start, the input's zero point
//                                                  folded in: bias = b + in_offset * sum(w)
//     segments                                     a byte each, see PixelPairs, padded to whole words
//     multiplier, addend, right                    of each channel, of y = (h + (h < 0 ? -1 : 0) + addend) >> right
//                                                  with h = floor((acc * multiplier + 2^30) / 2^31),
//                                                  addend = 2^(right-1) + out_offset * 2^right
// Bounds  |acc| <= 2^29, right in [1, 20], |h| + |addend| < 2^30 for every input: the packer refuses what is beyond
struct PixelPairs {
  std::int32_t group;    // channels taken at a time, 1 or 2
  std::int32_t longest;  // taps of a segment, at most
  std::int32_t first;    // the byte of a segment of n taps is first + step * n
  std::int32_t step;
  std::int32_t end;  // the byte after the last segment

  [[nodiscard]] constexpr std::uint8_t code(std::int32_t taps) const {
    return static_cast<std::uint8_t>(first + step * taps);  // in [0, 255] for taps in [1, longest]
  }
};

// Where the Armv6-M kernel jumps to in its 16 unrolled taps: a tap is 12 bytes of code, 14 follow the last.
inline constexpr PixelPairs kPixelPairsArmv6m = {1, 16, 192, -12, 206};
// By how many bytes the RV32IMC kernel advances.
inline constexpr PixelPairs kPixelPairsRv32imc = {2, 16, 0, 8, 0};

// int32 words of all weights.
[[nodiscard]] constexpr std::int32_t pixel_pairs_weight_words(std::int32_t channels, std::int32_t taps) {
  return (channels + 7) / 8 * taps * 2;
}

}  // namespace mote::kernels
