// The int8 sum for MVE: eight elements at a time. The operand with the larger scale is only shifted.
#include "device/isa/mve.h"
#include "device/kernels/add/add.h"

namespace mote::kernels {
namespace {

// What the functions below read.
struct Operands {
  const std::int8_t* larger;        //  0: the one with the larger scale
  const std::int8_t* smaller;       //  4
  std::int8_t* y;                   //  8
  std::int32_t eights;              // 12: >= 1
  std::int32_t larger_offset;       // 16
  std::int32_t smaller_offset;      // 20
  std::int32_t smaller_multiplier;  // 24
  std::int32_t smaller_shift;       // 28
  std::int32_t out_multiplier;      // 32
  std::int32_t out_shift;           // 36
  std::int32_t out_offset;          // 40
  std::int32_t clamp_min;           // 44
  std::int32_t clamp_max;           // 48
};

// clang-format off

// r0 larger  r1 smaller  r2 y  r4, r5 their offsets  r6 multiplier  r7 shift  r8 multiplier  r9 shift  r10 out_offset
// q0 larger  q1 smaller  q2, q3 even and odd elements, then results  q6, q7 clamps
// SCALE brings the smaller operand to the larger's scale, in 2^-19; MIND rounds ties away from zero.
#define MOTE_SUM(SCALE, MIND)      \
  "push {r4-r10, lr}\n"            \
  "vpush {d8-d15}\n"               \
  "ldrd r3, r2, [r0, #44]\n"       \
  "vdup.16 q6, r3\n"               \
  "vdup.16 q7, r2\n"               \
  "ldr lr, [r0, #12]\n"            \
  "add r10, r0, #16\n"             \
  "ldm r0, {r0, r1, r2}\n"         \
  "ldm r10, {r4-r10}\n"            \
  "dls lr, lr\n"                   \
  "1:\n"                           \
  "vldrb.s16 q1, [r1], #8\n"       \
  "vldrb.s16 q0, [r0], #8\n"       \
  "vadd.i16 q1, q1, r5\n"          \
  "vadd.i16 q0, q0, r4\n"          \
  SCALE                            \
  "vshl.i16 q0, q0, #3\n"          \
  "vshllb.s16 q4, q0, #16\n"       \
  "vshllt.s16 q5, q0, #16\n"       \
  "vadd.i32 q2, q2, q4\n"          \
  "vadd.i32 q3, q3, q5\n"          \
  "vqrdmulh.s32 q2, q2, r8\n"      \
  "vqrdmulh.s32 q3, q3, r8\n"      \
  MIND                             \
  "vrshl.s32 q2, r9\n"             \
  "vrshl.s32 q3, r9\n"             \
  "vqmovnb.s32 q2, q2\n"           \
  "vqmovnt.s32 q2, q3\n"           \
  "vqadd.s16 q2, q2, r10\n"        \
  "vmax.s16 q2, q2, q6\n"          \
  "vmin.s16 q2, q2, q7\n"          \
  "vstrb.16 q2, [r2], #8\n"        \
  "le lr, 1b\n"                    \
  "vpop {d8-d15}\n"                \
  "pop {r4-r10, pc}\n"

// One less where negative.
#define MOTE_MIND_SIGN     \
  "vshr.s32 q4, q2, #31\n" \
  "vshr.s32 q5, q3, #31\n" \
  "vadd.i32 q2, q2, q4\n"  \
  "vadd.i32 q3, q3, q5\n"

#define MOTE_SCALED          \
  "vshl.i16 q1, q1, #4\n"    \
  "vshllb.s16 q2, q1, #16\n" \
  "vshllt.s16 q3, q1, #16\n" \
  "vqrdmulh.s32 q2, q2, r6\n" \
  "vqrdmulh.s32 q3, q3, r6\n" \
  MOTE_MIND_SIGN             \
  "vrshl.s32 q2, r7\n"       \
  "vrshl.s32 q3, r7\n"

#define MOTE_EQUAL           \
  "vshl.i16 q1, q1, #3\n"    \
  "vshllb.s16 q2, q1, #16\n" \
  "vshllt.s16 q3, q1, #16\n"

[[gnu::naked, gnu::noinline]] void sum_scaled(const Operands*) { asm volatile(MOTE_SUM(MOTE_SCALED, MOTE_MIND_SIGN)); }
[[gnu::naked, gnu::noinline]] void rectified_sum_scaled(const Operands*) { asm volatile(MOTE_SUM(MOTE_SCALED, "")); }
[[gnu::naked, gnu::noinline]] void sum_equal(const Operands*) { asm volatile(MOTE_SUM(MOTE_EQUAL, MOTE_MIND_SIGN)); }

// clang-format on

}  // namespace

void add_s8_mve(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  const bool a_is_larger = is_half(p.a_multiplier, p.a_shift);
  Operands all{};
  all.larger = a_is_larger ? a : b;
  all.smaller = a_is_larger ? b : a;
  all.y = y;
  all.eights = p.count / 8;
  all.larger_offset = a_is_larger ? p.a_offset : p.b_offset;
  all.smaller_offset = a_is_larger ? p.b_offset : p.a_offset;
  all.smaller_multiplier = a_is_larger ? p.b_multiplier : p.a_multiplier;
  all.smaller_shift = a_is_larger ? p.b_shift : p.a_shift;
  all.out_multiplier = p.out_multiplier;
  all.out_shift = p.out_shift;
  all.out_offset = p.out_offset;
  all.clamp_min = p.clamp_min;
  all.clamp_max = p.clamp_max;
  auto* const sum = all.smaller_shift == 0        ? sum_equal
                    : p.clamp_min >= p.out_offset ? rectified_sum_scaled
                                                  : sum_scaled;
  if (all.eights > 0) sum(&all);
  const std::int32_t rest = p.count % 8;
  if (rest == 0) return;
  alignas(4) std::int8_t last[3][8] = {};
  isa::copy_bytes_by_16(last[0], all.larger + p.count - rest, rest);
  isa::copy_bytes_by_16(last[1], all.smaller + p.count - rest, rest);
  all.larger = last[0];
  all.smaller = last[1];
  all.y = last[2];
  all.eights = 1;
  sum(&all);
  isa::copy_bytes_by_16(y + p.count - rest, last[2], rest);
}

}  // namespace mote::kernels
