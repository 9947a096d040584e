// int8 convolution for RV32IMC: two channels at a time over four pixels.
#include "device/kernels/conv_2d/conv_2d_s8_pixel_pairs.h"

namespace mote::kernels {
namespace {

// y[four pixels][an even number of channels]; leaves tile->records past the last. Twelve instructions for the eight
// products of a tap.
//   a0 end of the unrolled taps  a1 records  a2 weights  a3 panel  a4-a7 sums of the segment, from 2^15
//   s0, s2, s4, s6 sums of segments  s1, s3, s5, s7 sums of the second and fourth pixel, of both channels  s8 panel  s9
//   the pair's weights  s10 y  s11 6  t5 2^15 ra pairs left of the block
[[gnu::naked, gnu::noinline]] void multiply_pairs(pixel_pairs::Tile*) {
#define MOTE_TAP(BACK) \
  "lw t0, -" BACK      \
  "(a3)\n"             \
  "lw t1, -" BACK      \
  "+4(a3)\n"           \
  "lb t2, -" BACK      \
  "(a2)\n"             \
  "lb t3, -" BACK      \
  "+1(a2)\n"           \
  "mul t4, t0, t2\n"   \
  "add a4, a4, t4\n"   \
  "mul t4, t1, t2\n"   \
  "add a5, a5, t4\n"   \
  "mul t0, t0, t3\n"   \
  "add a6, a6, t0\n"   \
  "mul t1, t1, t3\n"   \
  "add a7, a7, t1\n"
#define MOTE_SPLIT(SUM, BOTH, SECOND) \
  "srai t0, " SUM                     \
  ", 16\n"                            \
  "add " SECOND ", " SECOND           \
  ", t0\n"                            \
  "add " BOTH ", " BOTH ", " SUM "\n"
#define MOTE_FIRST_OF(BOTH, SECOND) "slli t0, " SECOND ", 16\nsub " BOTH ", " BOTH ", t0\n"
// t0 2 * multiplier  t1 addend  t2 right  t3 y  a2, a3 clamps  a6 y_step
#define MOTE_REQUANTIZE(ACC) \
  "mul a4, " ACC             \
  ", t0\n"                   \
  "mulhsu a5, " ACC          \
  ", t0\n"                   \
  "srli a4, a4, 31\n"        \
  "add a5, a5, a4\n"         \
  "srai a4, a5, 31\n"        \
  "add a5, a5, a4\n"         \
  "add a5, a5, t1\n"         \
  "sra a5, a5, t2\n"         \
  "bge a5, a2, 5f\n"         \
  "mv a5, a2\n"              \
  "5:\n"                     \
  "ble a5, a3, 6f\n"         \
  "mv a5, a3\n"              \
  "6:\n"                     \
  "sb a5, (t3)\n"            \
  "add t3, t3, a6\n"
  asm volatile(
      "addi sp, sp, -64\n"
      "sw ra, 60(sp)\n"
      "sw s0, 56(sp)\n"
      "sw s1, 52(sp)\n"
      "sw s2, 48(sp)\n"
      "sw s3, 44(sp)\n"
      "sw s4, 40(sp)\n"
      "sw s5, 36(sp)\n"
      "sw s6, 32(sp)\n"
      "sw s7, 28(sp)\n"
      "sw s8, 24(sp)\n"
      "sw s9, 20(sp)\n"
      "sw s10, 16(sp)\n"
      "sw s11, 12(sp)\n"
      "lw s8, 0(a0)\n"
      "lw s9, 4(a0)\n"
      "lw a1, 8(a0)\n"
      "lw s10, 12(a0)\n"
      "lw t0, 20(a0)\n"
      "add t0, t0, s10\n"
      "sw t0, 8(sp)\n"  // where y ends
      "sw a0, 4(sp)\n"
      "lla a0, 3f\n"
      "li s11, 6\n"
      "li ra, 4\n"

      "1:\n"
      "lw s0, 0(a1)\n"
      "lw s1, 4(a1)\n"
      "lw s4, 8(a1)\n"
      "lw s5, 12(a1)\n"
      "addi a1, a1, 16\n"
      "mv s2, s0\n"
      "mv s3, s1\n"
      "mv s6, s4\n"
      "mv s7, s5\n"
      "mv a3, s8\n"
      "mv a2, s9\n"
      "li t5, 0x8000\n"
      "j 4f\n"

      ".option push\n"
      ".option norvc\n"  // every tap has 48 bytes
      MOTE_TAP("128") MOTE_TAP("120") MOTE_TAP("112") MOTE_TAP("104")  //
      MOTE_TAP("96") MOTE_TAP("88") MOTE_TAP("80") MOTE_TAP("72")      //
      MOTE_TAP("64") MOTE_TAP("56") MOTE_TAP("48") MOTE_TAP("40")      //
      MOTE_TAP("32") MOTE_TAP("24") MOTE_TAP("16") MOTE_TAP("8")       //
      ".option pop\n"
      "3:\n"  //
      MOTE_SPLIT("a4", "s0", "s1") MOTE_SPLIT("a5", "s2", "s3")  //
      MOTE_SPLIT("a6", "s4", "s5") MOTE_SPLIT("a7", "s6", "s7")
      "4:\n"
      "lbu t0, (a1)\n"
      "addi a1, a1, 1\n"
      "beqz t0, 7f\n"
      "add a3, a3, t0\n"
      "add a2, a2, t0\n"
      "mul t0, t0, s11\n"
      "sub t0, a0, t0\n"
      "mv a4, t5\n"
      "mv a5, t5\n"
      "mv a6, t5\n"
      "mv a7, t5\n"
      "jr t0\n"

      "7:\n"
      "addi a1, a1, 3\n"
      "andi a1, a1, -4\n"
      //
      MOTE_FIRST_OF("s0", "s1") MOTE_FIRST_OF("s2", "s3") MOTE_FIRST_OF("s4", "s5") MOTE_FIRST_OF("s6", "s7")
      "lw t4, 4(sp)\n"
      "lw a6, 16(t4)\n"
      "lw a2, 28(t4)\n"
      "lw a3, 32(t4)\n"
      "lw t0, 0(a1)\n"
      "lw t1, 4(a1)\n"
      "lw t2, 8(a1)\n"
      "slli t0, t0, 1\n"
      "mv t3, s10\n"  //
      MOTE_REQUANTIZE("s0") MOTE_REQUANTIZE("s1") MOTE_REQUANTIZE("s2") MOTE_REQUANTIZE("s3")
      "lw t0, 12(a1)\n"
      "lw t1, 16(a1)\n"
      "lw t2, 20(a1)\n"
      "addi a1, a1, 24\n"
      "slli t0, t0, 1\n"
      "addi t3, s10, 1\n"  //
      MOTE_REQUANTIZE("s4") MOTE_REQUANTIZE("s5") MOTE_REQUANTIZE("s6") MOTE_REQUANTIZE("s7")

      "addi s10, s10, 2\n"
      "addi s9, s9, 2\n"
      "addi ra, ra, -1\n"
      "bnez ra, 8f\n"
      "lw t0, 24(t4)\n"
      "add s9, s9, t0\n"
      "li ra, 4\n"
      "8:\n"
      "lw t0, 8(sp)\n"
      "beq s10, t0, 9f\n"
      "j 1b\n"
      "9:\n"
      "sw a1, 8(t4)\n"
      "lw ra, 60(sp)\n"
      "lw s0, 56(sp)\n"
      "lw s1, 52(sp)\n"
      "lw s2, 48(sp)\n"
      "lw s3, 44(sp)\n"
      "lw s4, 40(sp)\n"
      "lw s5, 36(sp)\n"
      "lw s6, 32(sp)\n"
      "lw s7, 28(sp)\n"
      "lw s8, 24(sp)\n"
      "lw s9, 20(sp)\n"
      "lw s10, 16(sp)\n"
      "lw s11, 12(sp)\n"
      "addi sp, sp, 64\n"
      "ret\n");
#undef MOTE_REQUANTIZE
#undef MOTE_FIRST_OF
#undef MOTE_SPLIT
#undef MOTE_TAP
}

void multiply(const pixel_pairs::Tile& tile) {
  pixel_pairs::Tile pairs = tile;
  pairs.channels = tile.channels / 2 * 2;
  if (pairs.channels > 0) multiply_pairs(&pairs);
  if (pairs.channels == tile.channels) return;
  // The last pair's second channel is none.
  std::int8_t last[8] = {};  // filled by the assembly, which no checker sees
  pairs.weights += pairs.channels / 8 * (tile.next_block + 8) + pairs.channels % 8;
  pairs.y = last;
  pairs.y_step = 2;
  pairs.channels = 2;
  multiply_pairs(&pairs);
  std::int8_t* y = tile.y + tile.channels - 1;
  for (std::int32_t k = 0; k < 4; ++k, y += tile.y_step) *y = last[2 * k];
}

}  // namespace

void conv_2d_s8_rv32imc(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y) {
  pixel_pairs::conv_2d_s8(p, x, packed, scratch, y, multiply);
}

}  // namespace mote::kernels
