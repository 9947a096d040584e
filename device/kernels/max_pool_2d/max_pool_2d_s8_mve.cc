// int8 maximum pooling for MVE: sixteen channels at a time.
#include "device/kernels/max_pool_2d/max_pool_2d.h"
#include "device/kernels/pool_windows.h"

namespace mote::kernels {
namespace {

// r1 x  r2 rows  r3 columns  r4 pixel step  r5 row skip  r6 channels left  r7 y  r8 input  r9 rows left
// q0 the largest  q2, q3 clamps  Five instructions for 16 elements.
[[gnu::naked, gnu::noinline]] void largest(const PoolWindow*, std::int32_t /*clamp_min*/, std::int32_t /*clamp_max*/) {
  asm volatile(
      "push {r4-r9, lr}\n"
      "vdup.8 q2, r1\n"
      "vdup.8 q3, r2\n"
      "ldm r0, {r1-r7}\n"
      "mvn r12, #127\n"
      "1:\n"
      "vctp.8 r6\n"
      "vdup.8 q0, r12\n"
      "mov r8, r1\n"
      "mov r9, r2\n"
      "2:\n"
      "dls lr, r3\n"
      "3:\n"
      "vpst\n"
      "vldrbt.u8 q1, [r8]\n"
      "add r8, r8, r4\n"
      "vmax.s8 q0, q0, q1\n"
      "le lr, 3b\n"
      "add r8, r8, r5\n"
      "subs r9, r9, #1\n"
      "bne 2b\n"
      "vmax.s8 q0, q0, q2\n"
      "vmin.s8 q0, q0, q3\n"
      "vpst\n"
      "vstrbt.8 q0, [r7], #16\n"
      "add r1, r1, #16\n"
      "subs r6, r6, #16\n"
      "bgt 1b\n"
      "pop {r4-r9, pc}\n");
}

}  // namespace

void max_pool_2d_s8_mve(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
  for_each_pool_window(p, x, y, [&](const PoolWindow& window) { largest(&window, p.clamp_min, p.clamp_max); });
}

}  // namespace mote::kernels
