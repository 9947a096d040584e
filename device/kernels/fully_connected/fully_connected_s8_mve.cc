// int8 fully connected layer for MVE: sixteen inputs meet the weights of four units at a time.
#include "device/isa/mve.h"
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels {
namespace {

// What dense() reads and uses up.
struct Row {
  const std::int8_t* x;        //  0
  std::int32_t steps;          //  4: of 16 inputs
  const std::int32_t* packed;  //  8
  std::int32_t units;          // 12: still to do
  std::int8_t* y;              // 16
  std::int32_t out_offset;     // 20
  std::int32_t clamp_min;      // 24
  std::int32_t clamp_max;      // 28
};

// clang-format off

// r0, r2, r4, r6 sums  r1 weights  r3 x  r5 steps  r7 y  r8 units left  r9 x at the begin  r10 out_offset
// q0 inputs  q1, q2 weights, then results  q3 work  q6, q7 clamps
[[gnu::naked, gnu::noinline]] void dense(const Row*) {
  asm volatile(
      "push {r4-r10, lr}\n"
      "vpush {d12-d15}\n"
      "ldrd r9, r5, [r0]\n"
      "ldrd r1, r8, [r0, #8]\n"
      "ldrd r7, r10, [r0, #16]\n"
      "ldrd r2, r4, [r0, #24]\n"
      "vdup.32 q6, r2\n"
      "vdup.32 q7, r4\n"
      "1:\n"
      "ldm r1!, {r0, r2, r4, r6}\n"  // biases
      "mov r3, r9\n"
      "dls lr, r5\n"
      "2:\n"
      "vldrb.u8 q0, [r3], #16\n"
      "vldrb.u8 q1, [r1], #64\n"
      "vmladava.s8 r0, q0, q1\n"
      "vldrb.u8 q2, [r1, #-48]\n"
      "vmladava.s8 r2, q0, q2\n"
      "vldrb.u8 q1, [r1, #-32]\n"
      "vmladava.s8 r4, q0, q1\n"
      "vldrb.u8 q2, [r1, #-16]\n"
      "vmladava.s8 r6, q0, q2\n"
      "le lr, 2b\n"
      "vmov q1[2], q1[0], r0, r4\n"
      "vmov q1[3], q1[1], r2, r6\n"
      "vldrw.u32 q2, [r1], #16\n"  // multipliers
      "vldrw.u32 q3, [r1], #16\n"  // shifts
      "vqrdmulh.s32 q1, q1, q2\n"
      "vshr.s32 q2, q1, #31\n"     // ties away from zero: one less where negative
      "vadd.i32 q1, q1, q2\n"
      "vrshl.s32 q1, q1, q3\n"
      "vadd.i32 q1, q1, r10\n"
      "vmax.s32 q1, q1, q6\n"
      "vmin.s32 q1, q1, q7\n"
      "vctp.32 r8\n"
      "vpst\n"
      "vstrbt.32 q1, [r7], #4\n"
      "subs r8, r8, #4\n"
      "bgt 1b\n"
      "vpop {d12-d15}\n"
      "pop {r4-r10, pc}\n");
}

// clang-format on

}  // namespace

void fully_connected_s8_mve(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                            std::uint8_t* scratch, std::int8_t* y) {
  auto* const padded = static_cast<std::int8_t*>(static_cast<void*>(scratch));
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, y += p.units) {
    const std::int8_t* row = x;
    if (p.depth % 16 != 0) {  // what is beyond meets weights of zero, but must be there
      isa::copy_bytes_by_16(padded, x, p.depth);
      row = padded;
    }
    const Row all{row, (p.depth + 15) / 16, packed, p.units, y, p.out_offset, p.clamp_min, p.clamp_max};
    dense(&all);
  }
}

}  // namespace mote::kernels
