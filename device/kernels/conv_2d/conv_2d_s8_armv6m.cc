// int8 convolution for Armv6-M: one channel at a time over four pixels.
#include "device/kernels/conv_2d/conv_2d_s8_pixel_pairs.h"

namespace mote::kernels {
namespace {

// y[four pixels][channels]. Six instructions for the four products of a tap.
//   r0 weights less panel, so that the panel's address is the index  r1 panel  r2 weight  r3, r4 pixels
//   r5, r6 sums of the segment, from 2^15  r7 segments  r8, r10 sums of segments  r9, r11 sums of the second
//   and fourth pixel  r12 2^15
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] void multiply(const pixel_pairs::Tile*) {
#define MOTE_TAP          \
  "ldrsb r2, [r0, r1]\n"  \
  "ldmia r1!, {r3, r4}\n" \
  "muls r3, r2, r3\n"     \
  "adds r5, r5, r3\n"     \
  "muls r4, r2, r4\n"     \
  "adds r6, r6, r4\n"
// The result replaces the sum. acc = 2^16 * ah + al, multiplier = 2^16 * mh + ml, mid = al*mh + ah*ml + (al*ml >> 16):
//   h = 2*ah*mh + ((mid + 2^14) >> 15)     |ah| <= 2^13, |al| <= 2^15, mh < 2^15, ml < 2^16  =>  |mid| < 2^31 - 2^15
// r3 addend  r4 ml  r5 mh  r6 right  r7 2^14
#define MOTE_FIRST_OF(BOTH, SECOND) "mov r0, " BOTH "\nmov r1, " SECOND "\nlsls r1, r1, #16\nsubs r0, r0, r1\n"
#define MOTE_SECOND(SECOND) "mov r0, " SECOND "\n"
#define MOTE_REQUANTIZE(ACC, BACK) \
  ACC "sxth r1, r0\n"              \
      "subs r0, r0, r1\n"          \
      "asrs r0, r0, #16\n"         \
      "movs r2, r1\n"              \
      "muls r2, r4, r2\n"          \
      "asrs r2, r2, #16\n"         \
      "muls r1, r5, r1\n"          \
      "adds r2, r2, r1\n"          \
      "movs r1, r4\n"              \
      "muls r1, r0, r1\n"          \
      "adds r2, r2, r1\n"          \
      "muls r0, r5, r0\n"          \
      "adds r2, r2, r7\n"          \
      "asrs r2, r2, #15\n"         \
      "lsls r0, r0, #1\n"          \
      "adds r0, r0, r2\n"          \
      "asrs r1, r0, #31\n"         \
      "adds r0, r0, r1\n"          \
      "adds r0, r0, r3\n"          \
      "asrs r0, r0, r6\n"          \
      "sxtb r1, r0\n"              \
      "cmp r0, r1\n"               \
      "beq " BACK                  \
      "f\n"                        \
      "asrs r0, r0, #31\n"         \
      "movs r1, #127\n"            \
      "eors r0, r0, r1\n" BACK     \
      ":\n"                        \
      "mov r1, r12\n"              \
      "strb r0, [r1]\n"            \
      "add r12, r12, lr\n"
  asm volatile(
      ".syntax unified\n"
      "push {r4-r7, lr}\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "push {r4-r7}\n"
      "sub sp, sp, #28\n"
      "ldmia r0!, {r1-r7}\n"  // panel, weights, records, y, y_step, channels, next_block
      "subs r2, r2, r1\n"
      "str r1, [sp]\n"
      "str r2, [sp, #4]\n"
      "str r4, [sp, #8]\n"
      "str r5, [sp, #12]\n"
      "adds r6, r6, r4\n"
      "str r6, [sp, #16]\n"  // where y ends
      "str r7, [sp, #20]\n"
      "movs r1, #8\n"
      "str r1, [sp, #24]\n"  // channels left of the block
      "movs r7, r3\n"

      "1:\n"
      "movs r2, #1\n"
      "lsls r2, r2, #15\n"
      "mov r12, r2\n"
      "ldmia r7!, {r2, r3}\n"
      "mov r8, r2\n"
      "mov r10, r2\n"
      "mov r9, r3\n"
      "mov r11, r3\n"
      "ldr r1, [sp]\n"
      "ldr r0, [sp, #4]\n"

      "2:\n"
      "ldrb r2, [r7]\n"
      "adds r7, r7, #1\n"
      "mov r5, r12\n"
      "mov r6, r12\n"
      "add pc, r2\n"
      "nop\n"  // pc is 4 ahead
      MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP  //
      MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP MOTE_TAP
      "asrs r3, r5, #16\n"
      "add r9, r9, r3\n"
      "add r8, r8, r5\n"
      "asrs r4, r6, #16\n"
      "add r11, r11, r4\n"
      "add r10, r10, r6\n"
      "b 2b\n"

      "adds r7, r7, #3\n"
      "movs r3, #3\n"
      "bics r7, r7, r3\n"
      "ldr r1, [sp, #8]\n"
      "mov r12, r1\n"
      "adds r1, r1, #1\n"
      "str r1, [sp, #8]\n"
      "ldr r1, [sp, #12]\n"
      "mov lr, r1\n"
      "ldmia r7!, {r4, r5, r6}\n"
      "push {r7}\n"
      "movs r3, r5\n"
      "lsrs r5, r4, #16\n"
      "uxth r4, r4\n"
      "movs r7, #1\n"
      "lsls r7, r7, #14\n"  //
      MOTE_REQUANTIZE(MOTE_FIRST_OF("r8", "r9"), "3") MOTE_REQUANTIZE(MOTE_SECOND("r9"), "4")
      MOTE_REQUANTIZE(MOTE_FIRST_OF("r10", "r11"), "5") MOTE_REQUANTIZE(MOTE_SECOND("r11"), "6")
      "pop {r7}\n"

      "ldr r0, [sp, #4]\n"
      "adds r0, r0, #1\n"
      "ldr r1, [sp, #24]\n"
      "subs r1, r1, #1\n"
      "bne 7f\n"
      "ldr r1, [sp, #20]\n"
      "adds r0, r0, r1\n"
      "movs r1, #8\n"
      "7:\n"
      "str r0, [sp, #4]\n"
      "str r1, [sp, #24]\n"
      "ldr r0, [sp, #8]\n"
      "ldr r1, [sp, #16]\n"
      "cmp r0, r1\n"
      "beq 8f\n"
      "b 1b\n"
      "8:\n"
      "add sp, sp, #28\n"
      "pop {r4-r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "pop {r4-r7, pc}\n");
#undef MOTE_REQUANTIZE
#undef MOTE_SECOND
#undef MOTE_FIRST_OF
#undef MOTE_TAP
}

}  // namespace

void conv_2d_s8_armv6m(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                       std::int8_t* y) {
  pixel_pairs::conv_2d_s8(p, x, packed, scratch, y, [](const pixel_pairs::Tile& tile) { multiply(&tile); });
  isa::narrow_clamp(y, p.batches * p.out_h * p.out_w * p.out_c, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
