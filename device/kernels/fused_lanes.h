// The packing `fused_lanes`: how kernels with 16-bit multiply-accumulate pairs want int8 weights.
#pragma once

#include <cstdint>

namespace mote::kernels {

// The weights of two output channels A and B share lanes: lane = wA + 256*wB in int16, two lanes to a 32-bit step, so
// that the bytes are no more than the weights' own. A multiply-accumulate of a step with widened inputs sums
// A + 256*B, one with the step's low bytes, sign-extended, sums A.
// A window is taken a word at a time, byte 0 with 2 and 1 with 3; the last word is padded with zeros. Channels are
// taken four at a time, A with B and C with D, the last four padded with zeros. Per four, as int32:
//   first step of A and B, of C and D
//   bias A + 256 * bias B, bias A, the same of C and D      the input's zero point folded in: b + in_offset * sum(w)
//   steps, of A and B, of C and D in turn
//   multiplier A, B, C, D             2*m - 2^32, so that hi32(acc * it) + acc = hi32(2 * acc * m), rounded
//   power A, B, C, D                  2^(32-r) with r = -shift in [2, 31]: rounding division by 2^r as a high multiply
// Bounds  -2^23 <= B < 2^23 and |A| < 2^31 for every input; lanes within int16: the packer refuses what is beyond
[[nodiscard]] constexpr std::int32_t fused_lanes_words(std::int32_t window_bytes) { return (window_bytes + 3) / 4; }

[[nodiscard]] constexpr bool has_colour_windows(std::int32_t rows, std::int32_t row_bytes) {
  return rows == 3 && row_bytes == 9;
}

// int32 words of four channels.
[[nodiscard]] constexpr std::int32_t fused_lanes_quad_words(std::int32_t steps) { return 2 * steps + 12; }

// The packing `fused_lanes_by_8`: four pairs of units at a time, for one window in one row. Per block of eight units,
// the pairs 0 to 3 of them, the last block padded with zeros:
//   biases       A + 256*B of pairs 0 and 1, A of pairs 0 and 1, the same of pairs 2 and 3
//   steps        of pair 0, 1, 2, 3, the row padded with zeros to a multiple of eight bytes
//   multipliers  A of pairs 0 to 3, B of pairs 0 to 3
//   powers       the same
[[nodiscard]] constexpr std::int32_t fused_lanes_by_8_steps(std::int32_t row_bytes) { return (row_bytes + 7) / 8 * 4; }

[[nodiscard]] constexpr std::int32_t fused_lanes_by_8_block_words(std::int32_t steps) { return steps * 4 + 24; }

}  // namespace mote::kernels
