// int8 fully connected layer for Armv7E-M without scratch: every block of units widens the input again.
#include "device/isa/armv7em.h"
#include "device/kernels/fully_connected/fully_connected.h"
#include "device/kernels/fully_connected/unit_blocks_armv7em.h"

namespace mote::kernels {

void fully_connected_s8_direct_armv7em(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                                       std::uint8_t* /*scratch*/, std::int8_t* y) {
  const std::int32_t block_words = fused_lanes_by_8_block_words(fused_lanes_by_8_steps(p.depth));
  const std::int32_t blocks = p.units / 8;
  unit_blocks::Blocks out{};
  out.out_offset = p.out_offset;
  out.rectified = p.clamp_min >= p.out_offset ? 1 : 0;
  std::int8_t* row = y;
  for (std::int32_t r = 0; r < p.rows; ++r, row += p.units) {
    out.x = x;
    x += p.depth;
    out.x_end = x;
    out.y = row;
    out.packed_end = packed + blocks * block_words;
    if (blocks > 0) unit_blocks::multiply_bytes(&out, packed);
    if (p.units % 8 != 0) {                 // the last block is padded to eight
      alignas(4) std::int8_t last[8] = {};  // filled by assembly, which no checker sees
      out.y = last;
      const std::int32_t* const begin = out.packed_end;
      out.packed_end += block_words;
      unit_blocks::multiply_bytes(&out, begin);
      isa::copy_bytes(row + blocks * 8, last, p.units % 8);
    }
  }
  isa::narrow_clamp(y, p.rows * p.units, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
