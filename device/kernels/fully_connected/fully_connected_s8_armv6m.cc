// int8 fully connected layer for Armv6-M.
#include "device/isa/armv6m.h"
#include "device/kernels/fully_connected/fully_connected_s8_fours.h"

namespace mote::kernels {
namespace {

// 15 instructions for the four products of an input.
//   r0 index, from -depth to 0  r1 end of x  r2-r5 ends of k  r6, r7 factors  r8-r11 sums
[[gnu::naked, gnu::noinline]] void make_sums(fours::Dots*) {
  asm volatile(
      ".syntax unified\n"
      "push {r4-r7, lr}\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "push {r4-r7}\n"
      "mov r12, r0\n"
      "ldmia r0!, {r1-r6}\n"
      "adds r1, r1, r6\n"
      "adds r2, r2, r6\n"
      "adds r3, r3, r6\n"
      "adds r4, r4, r6\n"
      "adds r5, r5, r6\n"
      "rsbs r0, r6, #0\n"
      "movs r7, #0\n"
      "mov r8, r7\n"
      "mov r9, r7\n"
      "mov r10, r7\n"
      "mov r11, r7\n"
      "1:\n"
      "ldrsb r6, [r1, r0]\n"
      "ldrsb r7, [r2, r0]\n"
      "muls r7, r6, r7\n"
      "add r8, r8, r7\n"
      "ldrsb r7, [r3, r0]\n"
      "muls r7, r6, r7\n"
      "add r9, r9, r7\n"
      "ldrsb r7, [r4, r0]\n"
      "muls r7, r6, r7\n"
      "add r10, r10, r7\n"
      "ldrsb r7, [r5, r0]\n"
      "muls r7, r6, r7\n"
      "add r11, r11, r7\n"
      "adds r0, r0, #1\n"
      "bne 1b\n"
      "mov r0, r12\n"
      "adds r0, r0, #24\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "stmia r0!, {r4-r7}\n"
      "pop {r4-r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "pop {r4-r7, pc}\n");
}

}  // namespace

void fully_connected_s8_armv6m(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                               const std::int32_t* records, std::int8_t* y) {
  fours::fully_connected_s8<isa::RoundingDoublingHighMul>(p, x, k, records, y,
                                                          [](fours::Dots& dots) { make_sums(&dots); });
}

}  // namespace mote::kernels
