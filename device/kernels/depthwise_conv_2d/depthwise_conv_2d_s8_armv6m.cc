// int8 depthwise convolution for Armv6-M.
#include "device/isa/armv6m.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d_s8_planes.h"

namespace mote::kernels {
namespace {

// The sums saturate to int8 only. The requantisation is isa::Requantize.
//   r0-r2 rows  r3, r4, r6 factors  r5 sum  r7 y  r8 low, r9 high of the multiplier  r10 2^14  r11 addend  r12 right
//   lr y_step  sp: weights, bias, y_end, stride
[[gnu::naked, gnu::noinline]] void line_3x3(const planes::Line*) {
#define MOTE_TAP(ROW, COLUMN, AT) \
  "ldrb r4, [" ROW ", #" COLUMN   \
  "]\n"                           \
  "ldr r3, [sp, #" AT             \
  "]\n"                           \
  "muls r4, r3, r4\n"             \
  "adds r5, r5, r4\n"
// Four weights from a word.
#define MOTE_WEIGHTS(WORD, AT) \
  "sxtb r5, " WORD             \
  "\n"                         \
  "str r5, [sp, #" AT          \
  "]\n"                        \
  "asrs " WORD ", " WORD       \
  ", #8\n"                     \
  "sxtb r5, " WORD             \
  "\n"                         \
  "str r5, [sp, #" AT          \
  "+4]\n"                      \
  "asrs " WORD ", " WORD       \
  ", #8\n"                     \
  "sxtb r5, " WORD             \
  "\n"                         \
  "str r5, [sp, #" AT          \
  "+8]\n"                      \
  "asrs " WORD ", " WORD       \
  ", #8\n"                     \
  "str " WORD ", [sp, #" AT "+12]\n"
  asm volatile(
      ".syntax unified\n"
      "push {r4-r7, lr}\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "push {r4-r7}\n"
      "sub sp, sp, #48\n"
      "ldr r1, [r0, #28]\n"
      "ldmia r1!, {r2-r5}\n"
      "str r2, [sp, #36]\n"
      "lsrs r2, r3, #16\n"
      "uxth r3, r3\n"
      "mov r8, r3\n"
      "mov r9, r2\n"
      "movs r2, #1\n"
      "lsls r2, r2, #14\n"
      "mov r10, r2\n"
      "mov r11, r4\n"
      "mov r12, r5\n"
      "ldmia r1!, {r2-r4}\n"  //
      MOTE_WEIGHTS("r2", "0") MOTE_WEIGHTS("r3", "16")
      "sxtb r4, r4\n"
      "str r4, [sp, #32]\n"
      "ldr r2, [r0, #8]\n"
      "str r2, [sp, #40]\n"
      "ldr r2, [r0, #24]\n"
      "str r2, [sp, #44]\n"
      "ldr r2, [r0, #4]\n"
      "mov lr, r2\n"
      "ldr r7, [r0]\n"
      "ldr r1, [r0, #16]\n"
      "ldr r2, [r0, #20]\n"
      "ldr r0, [r0, #12]\n"

      "1:\n"
      "ldr r5, [sp, #36]\n"  //
      MOTE_TAP("r0", "0", "0") MOTE_TAP("r0", "1", "4") MOTE_TAP("r0", "2", "8")     //
      MOTE_TAP("r1", "0", "12") MOTE_TAP("r1", "1", "16") MOTE_TAP("r1", "2", "20")  //
      MOTE_TAP("r2", "0", "24") MOTE_TAP("r2", "1", "28") MOTE_TAP("r2", "2", "32")
      "ldr r4, [sp, #44]\n"
      "adds r0, r0, r4\n"
      "adds r1, r1, r4\n"
      "adds r2, r2, r4\n"

      "sxth r4, r5\n"
      "subs r5, r5, r4\n"
      "asrs r5, r5, #16\n"
      "mov r6, r8\n"
      "movs r3, r4\n"
      "muls r3, r6, r3\n"
      "asrs r3, r3, #16\n"
      "muls r6, r5, r6\n"
      "adds r3, r3, r6\n"
      "mov r6, r9\n"
      "muls r4, r6, r4\n"
      "adds r3, r3, r4\n"
      "muls r5, r6, r5\n"
      "add r3, r3, r10\n"
      "asrs r3, r3, #15\n"
      "lsls r5, r5, #1\n"
      "adds r5, r5, r3\n"
      "asrs r4, r5, #31\n"
      "adds r5, r5, r4\n"
      "add r5, r5, r11\n"
      "mov r4, r12\n"
      "asrs r5, r5, r4\n"
      "sxtb r4, r5\n"
      "cmp r5, r4\n"
      "beq 2f\n"
      "asrs r5, r5, #31\n"
      "movs r4, #127\n"
      "eors r5, r5, r4\n"
      "2:\n"
      "strb r5, [r7]\n"
      "add r7, r7, lr\n"
      "ldr r4, [sp, #40]\n"
      "cmp r7, r4\n"
      "bne 1b\n"
      "add sp, sp, #48\n"
      "pop {r4-r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "pop {r4-r7, pc}\n");
#undef MOTE_WEIGHTS
#undef MOTE_TAP
}

}  // namespace

void depthwise_conv_2d_s8_armv6m(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                 std::uint8_t* scratch, std::int8_t* y) {
  planes::depthwise_conv_2d_s8<isa::RoundingDoublingHighMul>(p, x, packed, scratch, y,
                                                             [](const planes::Line& line) { line_3x3(&line); });
  isa::narrow_clamp(y, p.batches * p.out_h * p.out_w * p.out_c, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
