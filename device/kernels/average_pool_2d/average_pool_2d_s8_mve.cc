// int8 average pooling for MVE: eight channels at a time, summed in int16, divided by multiplying with a reciprocal.
#include "device/kernels/average_pool_2d/average_pool_2d.h"
#include "device/kernels/pool_windows.h"

namespace mote::kernels {
namespace {

struct Division {
  std::int32_t half;        //  0: of the count
  std::int32_t reciprocal;  //  4: 2^24 / count, rounded up: exact for numerators below 2^16 and counts up to 2^8
  std::int32_t clamp_min;   //  8
  std::int32_t clamp_max;   // 12
};

// r1 x  r2 rows  r3 columns  r4 pixel step  r5 row skip  r6 channels left  r7 y  r0 input  r9 rows left  r10 half
// q0 sums  q1, q2 even and odd sums, then their signs  q3, q4 quotients  q5 reciprocal  q6, q7 clamps
// Five instructions for 8 elements.
[[gnu::naked, gnu::noinline]] void mean(const PoolWindow*, const Division*) {
  asm volatile(
      "push {r4-r10, lr}\n"
      "vpush {d8-d15}\n"
      "ldm r1, {r2, r3, r4, r5}\n"
      "mov r10, r2\n"
      "vdup.32 q5, r3\n"
      "vdup.16 q6, r4\n"
      "vdup.16 q7, r5\n"
      "ldm r0, {r1-r7}\n"
      "1:\n"
      "vctp.16 r6\n"
      "vmov.i32 q0, #0\n"
      "mov r0, r1\n"
      "mov r9, r2\n"
      "2:\n"
      "dls lr, r3\n"
      "3:\n"
      "vpst\n"
      "vldrbt.s16 q1, [r0]\n"
      "add r0, r0, r4\n"
      "vadd.i16 q0, q0, q1\n"
      "le lr, 3b\n"
      "add r0, r0, r5\n"
      "subs r9, r9, #1\n"
      "bne 2b\n"
      "vmovlb.s16 q1, q0\n"
      "vmovlt.s16 q2, q0\n"
      "vabs.s32 q3, q1\n"
      "vabs.s32 q4, q2\n"
      "vadd.i32 q3, q3, r10\n"
      "vadd.i32 q4, q4, r10\n"
      "vshl.i32 q3, q3, #8\n"
      "vshl.i32 q4, q4, #8\n"
      "vmulh.u32 q3, q3, q5\n"
      "vmulh.u32 q4, q4, q5\n"
      "vshr.s32 q1, q1, #31\n"
      "vshr.s32 q2, q2, #31\n"
      "veor q3, q3, q1\n"
      "veor q4, q4, q2\n"
      "vsub.i32 q3, q3, q1\n"
      "vsub.i32 q4, q4, q2\n"
      "vmovnb.i32 q3, q3\n"
      "vmovnt.i32 q3, q4\n"
      "vmax.s16 q3, q3, q6\n"
      "vmin.s16 q3, q3, q7\n"
      "vpst\n"
      "vstrbt.16 q3, [r7], #8\n"
      "add r1, r1, #8\n"
      "subs r6, r6, #8\n"
      "bgt 1b\n"
      "vpop {d8-d15}\n"
      "pop {r4-r10, pc}\n");
}

}  // namespace

void average_pool_2d_s8_mve(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
  for_each_pool_window(p, x, y, [&](const PoolWindow& window) {
    const std::int32_t count = window.rows * window.columns;
    const Division division{count / 2, ((1 << 24) + count - 1) / count, p.clamp_min, p.clamp_max};
    mean(&window, &division);
  });
}

}  // namespace mote::kernels
