// int8 fully connected layer for Armv7E-M: the input is widened once, then the weights stream past it.
#include "device/isa/armv7em.h"
#include "device/kernels/fully_connected/fully_connected.h"
#include "device/kernels/fully_connected/unit_blocks_armv7em.h"

namespace mote::kernels {
namespace {

// Word (b0,b1,b2,b3) becomes (b0,b2), (b1,b3) in int16; zeros beyond the input.
void widen(const std::int8_t* x, std::int32_t depth, std::int32_t steps, std::uint32_t* to) {
  const std::uint32_t* const end = to + steps;
  for (; depth >= 4; depth -= 4, x += 4, to += 2) {
    const std::uint32_t word = isa::load_word(x);
    to[0] = isa::widen_even(word);
    to[1] = isa::widen_odd(word);
  }
  std::uint32_t last = 0;
  for (std::int32_t i = 0; i < depth; ++i) last |= (static_cast<std::uint32_t>(x[i]) & 0xFF) << (8 * i);
  if (depth > 0) {
    *to++ = isa::widen_even(last);
    *to++ = isa::widen_odd(last);
  }
  while (to != end) *to++ = 0;
}

}  // namespace

void fully_connected_s8_armv7em(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                                std::uint8_t* scratch, std::int8_t* y) {
  const std::int32_t steps = fused_lanes_by_8_steps(p.depth);
  const std::int32_t block_words = fused_lanes_by_8_block_words(steps);
  const std::int32_t blocks = p.units / 8;
  auto* const lanes = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  unit_blocks::Blocks out{};
  out.x = lanes;
  out.x_end = lanes + steps;
  out.out_offset = p.out_offset;
  out.rectified = p.clamp_min >= p.out_offset ? 1 : 0;
  std::int8_t* row = y;
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, row += p.units) {
    widen(x, p.depth, steps, lanes);
    out.y = row;
    out.packed_end = packed + blocks * block_words;
    if (blocks > 0) unit_blocks::multiply_lanes(&out, packed);
    if (p.units % 8 != 0) {                 // the last block is padded to eight
      alignas(4) std::int8_t last[8] = {};  // filled by assembly, which no checker sees
      out.y = last;
      const std::int32_t* const begin = out.packed_end;
      out.packed_end += block_words;
      unit_blocks::multiply_lanes(&out, begin);
      isa::copy_bytes(row + blocks * 8, last, p.units % 8);
    }
  }
  isa::narrow_clamp(y, p.rows * p.units, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
