// The inner loops of int8 fully connected layers for Armv7E-M: the weights of eight units at a time stream past one
// input vector, two units to a 16-bit lane.
#pragma once

#include <cstdint>

namespace mote::kernels::unit_blocks {

// What the loops read.
struct Blocks {
  const void* x_end;
  const void* x;
  std::int8_t* y;
  std::int32_t out_offset;
  std::int32_t rectified;  // negative results are clamped away, so rounding need
                           // not mind their sign
  const std::int32_t* packed_end;
};

// y[eight units at a time]. Of the four pairs (A, B) of a block the sums of A + 256*B and of A are, modulo 2^32,
//   r5, r6, r9, r10 and r7, r8, r11, r12
// 28 instructions for the 32 products of four taps, and what it takes to load these.
//   r0 weights  r1 input  r2, lr input lanes  r3, r4 weight lanes
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
#define MOTE_FOUR_TAPS(LOAD)                                                                \
  LOAD MOTE_PAIRS("r2", "r5", "r6", "r7", "r8") MOTE_PAIRS("r2", "r9", "r10", "r11", "r12") \
      MOTE_PAIRS("lr", "r5", "r6", "r7", "r8") MOTE_PAIRS("lr", "r9", "r10", "r11", "r12")
// Reads the biases, runs over the input, then takes multipliers of A and B, and powers of A and B.
#define MOTE_MULTIPLY(LOAD) \
  asm volatile( \
      "push {r4-r11, lr}\n" \
      "ldm r0, {r2-r7}\n" \
      "push {r2-r7}\n" \
      "mov r0, r1\n" \
      "1:\n" \
      "ldm r0!, {r5-r12}\n" \
      "ldr r1, [sp, #4]\n" \
      "2:\n" \
      MOTE_FOUR_TAPS(LOAD) MOTE_FOUR_TAPS(LOAD) \
      "ldr r2, [sp]\n" \
      "cmp r1, r2\n" \
      "bne 2b\n" \
 \
      "sub r5, r5, r7\n" \
      "sub r6, r6, r8\n" \
      "sub r9, r9, r11\n" \
      "sub r10, r10, r12\n" \
      "asr r5, r5, #8\n" \
      "asr r6, r6, #8\n" \
      "asr r9, r9, #8\n" \
      "asr r10, r10, #8\n" \
      "ldm r0!, {r1-r4}\n" \
      "smmlar r7, r7, r1, r7\n" \
      "smmlar r8, r8, r2, r8\n" \
      "smmlar r11, r11, r3, r11\n" \
      "smmlar r12, r12, r4, r12\n" \
      "ldm r0!, {r1-r4}\n" \
      "smmlar r5, r5, r1, r5\n" \
      "smmlar r6, r6, r2, r6\n" \
      "smmlar r9, r9, r3, r9\n" \
      "smmlar r10, r10, r4, r10\n" \
      "ldr r1, [sp, #16]\n" \
      "cbnz r1, 3f\n" \
      "add r5, r5, r5, asr #31\n" \
      "add r6, r6, r6, asr #31\n" \
      "add r7, r7, r7, asr #31\n" \
      "add r8, r8, r8, asr #31\n" \
      "add r9, r9, r9, asr #31\n" \
      "add r10, r10, r10, asr #31\n" \
      "add r11, r11, r11, asr #31\n" \
      "add r12, r12, r12, asr #31\n" \
      "3:\n" \
      "ldr lr, [sp, #12]\n" \
      "ldm r0!, {r1-r4}\n" \
      "smmlar r7, r7, r1, lr\n" \
      "smmlar r8, r8, r2, lr\n" \
      "smmlar r11, r11, r3, lr\n" \
      "smmlar r12, r12, r4, lr\n" \
      "ldm r0!, {r1-r4}\n" \
      "smmlar r5, r5, r1, lr\n" \
      "smmlar r6, r6, r2, lr\n" \
      "smmlar r9, r9, r3, lr\n" \
      "smmlar r10, r10, r4, lr\n" \
      "ssat r5, #8, r5\n" \
      "ssat r6, #8, r6\n" \
      "ssat r7, #8, r7\n" \
      "ssat r8, #8, r8\n" \
      "ssat r9, #8, r9\n" \
      "ssat r10, #8, r10\n" \
      "ssat r11, #8, r11\n" \
      "ssat r12, #8, r12\n" \
      "bfi r7, r5, #8, #8\n" \
      "bfi r7, r8, #16, #8\n" \
      "bfi r7, r6, #24, #8\n" \
      "bfi r11, r9, #8, #8\n" \
      "bfi r11, r12, #16, #8\n" \
      "bfi r11, r10, #24, #8\n" \
      "ldr r1, [sp, #8]\n" \
      "str r7, [r1], #4\n" \
      "str r11, [r1], #4\n" \
      "str r1, [sp, #8]\n" \
      "ldr r2, [sp, #20]\n" \
      "cmp r0, r2\n" \
      "bne.w 1b\n" \
      "add sp, sp, #24\n" \
      "pop {r4-r11, pc}\n");

// x: lanes (b0,b2), (b1,b3) in int16 of every four bytes.
[[gnu::naked, gnu::noinline]] inline void multiply_lanes(const Blocks*, const std::int32_t*) {
  MOTE_MULTIPLY("ldrd r2, lr, [r1], #8\n")
}

// x: bytes, a multiple of eight.
[[gnu::naked, gnu::noinline]] inline void multiply_bytes(const Blocks*, const std::int32_t*) {
  MOTE_MULTIPLY("ldr r2, [r1], #4\nsxtb16 lr, r2, ror #8\nsxtb16 r2, r2\n")
}

#undef MOTE_MULTIPLY
#undef MOTE_FOUR_TAPS
#undef MOTE_PAIRS

}  // namespace mote::kernels::unit_blocks
