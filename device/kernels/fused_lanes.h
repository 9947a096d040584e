// The packing `fused_lanes`: how kernels with 16-bit multiply-accumulate pairs want int8 weights.
#pragma once

#include <cstdint>

namespace mote::kernels {

// The weights of two output channels A and B share lanes: lane = wA + 256*wB in int16, two lanes to a 32-bit step, so
// that the bytes are no more than the weights' own. A multiply-accumulate of a step with widened inputs sums
// A + 256*B, one with the step's low bytes, sign-extended, sums A.
// A window of `rows` rows of `row_bytes` bytes is taken in this order: of every row its whole words, byte 0 with 2 and
// 1 with 3; then, as they come, the bytes beyond whole words of every row; a last lane without a partner meets 0.
// Per pair of channels, as int32:
//   bias A + 256 * bias B, bias A     the input's zero point folded in: b + in_offset * sum(w)
//   steps
//   multiplier A, B                   2*m - 2^32, so that hi32(acc * it) + acc = hi32(2 * acc * m), rounded
//   power A, B                        2^(32-r) with r = -shift in [2, 31]: rounding division by 2^r as a high multiply
// An odd last channel is paired with the one before it, again.
// Bounds  -2^23 <= B < 2^23 and |A| < 2^31 for every input; lanes within int16: the packer refuses what is beyond
[[nodiscard]] constexpr std::int32_t fused_lanes_steps(std::int32_t rows, std::int32_t row_bytes) {
  return rows * (row_bytes / 4) * 2 + (rows * (row_bytes % 4) + 1) / 2;
}

// int32 words of one pair of channels.
[[nodiscard]] constexpr std::int32_t fused_lanes_pair_words(std::int32_t steps) { return steps + 6; }

// The packing `fused_lanes_by_8`: four pairs of units at a time, for one window in one row. Per block of eight units,
// the pairs 0 to 3 of them, the last block padded with zeros:
//   biases       A + 256*B of pairs 0 and 1, A of pairs 0 and 1, the same of pairs 2 and 3
//   steps        of pair 0, 1, 2, 3, the row padded with zeros to a multiple of eight bytes
//   multipliers  A of pairs 0 to 3, B of pairs 0 to 3
//   powers       the same
[[nodiscard]] constexpr std::int32_t fused_lanes_by_8_steps(std::int32_t row_bytes) { return (row_bytes + 7) / 8 * 4; }

[[nodiscard]] constexpr std::int32_t fused_lanes_by_8_block_words(std::int32_t steps) { return steps * 4 + 24; }

}  // namespace mote::kernels
