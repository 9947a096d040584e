// int8 3x3 convolution for Armv7E-M by Winograd's F(2x2,3x3) in integers: 16 products instead of 36 make four outputs.
// A strip of two rows of outputs at a time: what it reads is transformed, then for every pair of channels four tiles of
// 2x2 outputs are summed in 16 planes and transformed back. Sums are modulo 2^32; what comes out, 4 * acc, is within
// it.
#include "device/isa/armv7em.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {
namespace {

// What transform_columns() reads: four rows of the input, four channels of them.
struct Columns {
  const std::int8_t* row[4];
  std::uint32_t* to;
  const std::uint32_t* end;  // of `to`
  std::int32_t step[4];      // from column to column; 0 where the row lies outside and all is zero point
};

// Down every column, in int16 pairs (bytes 0 and 2, bytes 1 and 3): d0-d2, d1+d2, d2-d1, d1-d3 of rows d0 to d3. Eight
// words a column; kLines tells which is which. 28 instructions for 16 elements.
[[gnu::naked, gnu::noinline]] void transform_columns(const Columns*) {
  asm volatile(
      "push {r4-r11, lr}\n"
      "mov lr, r0\n"
      "ldm lr!, {r0-r3, r12}\n"
      "ldm lr, {r4-r8}\n"
      "push {r4-r8}\n"
      "1:\n"
      "ldr r4, [r0]\n"
      "ldr r5, [r1]\n"
      "ldr r6, [r2]\n"
      "ldr r7, [r3]\n"
      "sxtb16 r8, r4, ror #8\n"
      "sxtb16 r9, r5, ror #8\n"
      "sxtb16 r10, r6, ror #8\n"
      "sxtb16 r11, r7, ror #8\n"
      "sxtb16 r4, r4\n"
      "sxtb16 r5, r5\n"
      "sxtb16 r6, r6\n"
      "sxtb16 r7, r7\n"
      "ssub16 r4, r4, r6\n"
      "ssub16 r7, r5, r7\n"
      "ssub16 lr, r6, r5\n"
      "sadd16 r5, r5, r6\n"
      "ssub16 r8, r8, r10\n"
      "ssub16 r11, r9, r11\n"
      "ssub16 r6, r10, r9\n"
      "sadd16 r9, r9, r10\n"
      "stmia r12!, {r4-r9, r11, lr}\n"
      "ldm sp, {r4-r8}\n"
      "add r0, r0, r5\n"
      "add r1, r1, r6\n"
      "add r2, r2, r7\n"
      "add r3, r3, r8\n"
      "cmp r12, r4\n"
      "bne 1b\n"
      "add sp, sp, #20\n"
      "pop {r4-r11, pc}\n");
}

// The words of a column in the order that they are stored in.
struct Line {
  std::int32_t odd;  // bytes 1 and 3
  std::int32_t row;  // of the transformed four
};
constexpr std::int32_t kLineCount = 8;
constexpr Line kLines[kLineCount] = {{0, 0}, {0, 1}, {1, 2}, {0, 3}, {1, 0}, {1, 1}, {1, 3}, {0, 2}};

// What transform_rows() reads; it works on a copy on its stack, at the same offsets.
struct Rows {
  const std::int32_t* offset;   //  0: of each line's first plane from `to`, in bytes
  const std::uint32_t* from;    //  4: columns of eight words
  std::uint32_t* to;            //  8
  std::int32_t plane_bytes;     // 12
  std::int32_t groups;          // 16: of four tiles, >= 1
  std::int32_t group_skip;      // 20: from the end of a group's words to the next group's
  const std::int32_t* offsets;  // 24: the end of them
};

// Along every line the same transform, two columns from tile to tile: the words of four planes, four tiles adjacent.
[[gnu::naked, gnu::noinline]] void transform_rows(const Rows*) {
#define MOTE_TWO_TILES(C0, C1, C2, C3, C4, C5)          \
  "ssub16 r11, " C0 ", " C2 "\nssub16 r12, " C2 ", " C4 \
  "\n"                                                  \
  "strd r11, r12, [r1], #8\n"                           \
  "sadd16 r11, " C1 ", " C2 "\nsadd16 r12, " C3 ", " C4 \
  "\n"                                                  \
  "strd r11, r12, [r2], #8\n"                           \
  "ssub16 r11, " C2 ", " C1 "\nssub16 r12, " C4 ", " C3 \
  "\n"                                                  \
  "strd r11, r12, [r3], #8\n"                           \
  "ssub16 r11, " C1 ", " C3 "\nssub16 r12, " C3 ", " C5 \
  "\n"                                                  \
  "strd r11, r12, [r4], #8\n"
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r1-r7}\n"
      "push {r1-r7}\n"
      "1:\n"
      "ldm sp, {r5-r9}\n"  // offset, from, to, plane_bytes, groups
      "ldr r1, [r5], #4\n"
      "mov r0, r6\n"
      "mov lr, r9\n"
      "add r1, r1, r7\n"
      "add r2, r1, r8\n"
      "add r3, r2, r8\n"
      "add r4, r3, r8\n"
      "add r6, r6, #4\n"
      "strd r5, r6, [sp]\n"
      "2:\n"
      "ldr r5, [r0]\n"
      "ldr r6, [r0, #32]\n"
      "ldr r7, [r0, #64]\n"
      "ldr r8, [r0, #96]\n"
      "ldr r9, [r0, #128]\n"
      "ldr r10, [r0, #160]\n"  //
      MOTE_TWO_TILES("r5", "r6", "r7", "r8", "r9", "r10")
      "ldr r5, [r0, #192]\n"
      "ldr r6, [r0, #224]\n"
      "ldr r7, [r0, #256]\n"
      "ldr r8, [r0, #288]\n"  //
      MOTE_TWO_TILES("r9", "r10", "r5", "r6", "r7", "r8")
      "ldr r5, [sp, #20]\n"
      "add r0, r0, #256\n"
      "add r1, r1, r5\n"
      "add r2, r2, r5\n"
      "add r3, r3, r5\n"
      "add r4, r4, r5\n"
      "subs lr, lr, #1\n"
      "bne 2b\n"
      "ldr r5, [sp]\n"
      "ldr r6, [sp, #24]\n"
      "cmp r5, r6\n"
      "bne 1b\n"
      "add sp, sp, #28\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_TWO_TILES
}

// What multiply() reads; it works on a copy on its stack, at the same offsets.
struct Tiles {
  const std::uint32_t* plane_end;  //  0: of `x`, of the current plane
  std::int32_t* next_sums;         //  4: of the current plane
  std::int32_t plane_bytes;        //  8
  const std::uint32_t* x_end;      // 12: of the current group of tiles
  std::int32_t* sums;              // 16: [16][2 channels][4 tiles]
  std::int32_t tiles;              // 20: from the current group on
  std::int8_t* y;                  // 24: the current group's first pixel, the first of the two channels
  std::int32_t row_step;           // 28: of y; 0 where the tiles' second row does not exist
  std::int32_t column_step;        // 32: of y
  const std::int32_t* last_sums;   // 36: where the group's last tile's begin
  std::int32_t out_offset;         // 40
  std::int32_t group_bytes;        // 44
  const std::int32_t* weights;     // 48
  const std::uint32_t* x;          // 52; then multipliers of the next channel
  std::int32_t channel;            // 56: 0, then 1, then 0
};

// Two channels of all tiles of a strip, four tiles at a time: first their sums in 16 planes, 13 instructions for the 16
// products of a step,
//   r2, r3 weights of two channels   r4, r5 lanes of two tiles   r6-r9 sums of the first channel   r10-r12, lr of the
//   other r0 weights  r1 lanes
// then, of each channel, every tile's outputs, 72 instructions for four:
//   r0 sums  r1 y  r2-r5 sums of a column of planes  r6-r9 outputs  r10 bias  r11 multiplier  r12 power  lr out_offset
[[gnu::naked, gnu::noinline]] void multiply(const Tiles*) {
#define MOTE_LOADS     \
  "ldr r2, [r0], #4\n" \
  "ldr r3, [r0], #4\n" \
  "ldr r4, [r1], #4\n" \
  "ldr r5, [r1], #4\n"
#define MOTE_STEP            \
  MOTE_LOADS                 \
  "smlad r6, r2, r4, r6\n"   \
  "smlad r7, r2, r5, r7\n"   \
  "smlad r10, r3, r4, r10\n" \
  "smlad r11, r3, r5, r11\n" \
  "ldrd r4, r5, [r1], #8\n"  \
  "smlad r8, r2, r4, r8\n"   \
  "smlad r9, r2, r5, r9\n"   \
  "smlad r12, r3, r4, r12\n" \
  "smlad lr, r3, r5, lr\n"
#define MOTE_SEVEN_STEPS MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP
#define MOTE_LOAD(AT0, AT1, AT2, AT3) \
  "ldr r2, [r0, #" AT0                \
  "]\n"                               \
  "ldr r3, [r0, #" AT1                \
  "]\n"                               \
  "ldr r4, [r0, #" AT2                \
  "]\n"                               \
  "ldr r5, [r0, #" AT3 "]\n"
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0!, {r1-r8}\n"
      "ldm r0, {r0, r9-r12, lr}\n"  // column_step to x
      "sub sp, sp, #60\n"
      "stm sp, {r1-r8}\n"
      "str r0, [sp, #32]\n"
      "add r0, sp, #36\n"
      "stm r0, {r9-r12, lr}\n"
      "mov r1, lr\n"
      "movs r0, #0\n"
      "str r0, [sp, #56]\n"
      "4:\n"
      "ldr r0, [sp, #48]\n"
      "1:\n"  //
      MOTE_LOADS
      "smuad r6, r2, r4\n"
      "smuad r7, r2, r5\n"
      "smuad r10, r3, r4\n"
      "smuad r11, r3, r5\n"
      "ldrd r4, r5, [r1], #8\n"
      "smuad r8, r2, r4\n"
      "smuad r9, r2, r5\n"
      "smuad r12, r3, r4\n"
      "smuad lr, r3, r5\n"  //
      MOTE_SEVEN_STEPS
      "ldm sp, {r2-r5}\n"  // plane_end, next_sums, plane_bytes, x_end
      "cmp r1, r2\n"
      "beq.w 3f\n"
      "2:\n"  //
      MOTE_STEP MOTE_SEVEN_STEPS
      "ldm sp, {r2-r5}\n"
      "cmp r1, r2\n"
      "bne.w 2b\n"
      "3:\n"
      "stmia r3!, {r6-r12, lr}\n"
      "add r2, r2, r4\n"
      "cmp r1, r5\n"
      "strd r2, r3, [sp]\n"
      "bne.w 1b\n"

      "5:\n"
      "ldm r0!, {r10-r12}\n"  // 4 * bias, multiplier, power
      "ldr r2, [sp, #56]\n"
      "str r0, [sp, #52]\n"
      "ldr r0, [sp, #16]\n"
      "ldrd r3, r1, [sp, #20]\n"  // tiles, y
      "ldr lr, [sp, #40]\n"
      "cmp r3, #4\n"
      "it gt\n"
      "movgt r3, #4\n"
      "add r1, r1, r2\n"
      "add r0, r0, r2, lsl #4\n"
      "add r3, r0, r3, lsl #2\n"
      "str r3, [sp, #36]\n"
      "6:\n"  //
      MOTE_LOAD("0", "128", "256", "384")
      "add r6, r2, r3\n"
      "add r6, r6, r4\n"
      "sub r8, r3, r4\n"
      "sub r8, r8, r5\n"  //
      MOTE_LOAD("32", "160", "288", "416")
      "add r3, r3, r10\n"
      "add r7, r2, r3\n"
      "add r7, r7, r4\n"
      "sub r9, r3, r4\n"
      "sub r9, r9, r5\n"
      "add r6, r6, r7\n"
      "add r8, r8, r9\n"  //
      MOTE_LOAD("64", "192", "320", "448")
      "add r2, r2, r3\n"
      "add r2, r2, r4\n"
      "sub r3, r3, r4\n"
      "sub r3, r3, r5\n"
      "add r6, r6, r2\n"
      "sub r7, r7, r2\n"
      "add r8, r8, r3\n"
      "sub r9, r9, r3\n"  //
      MOTE_LOAD("96", "224", "352", "480")
      "add r2, r2, r3\n"
      "add r2, r2, r4\n"
      "sub r3, r3, r4\n"
      "sub r3, r3, r5\n"
      "sub r7, r7, r2\n"
      "sub r9, r9, r3\n"
      "asr r6, r6, #2\n"
      "asr r7, r7, #2\n"
      "asr r8, r8, #2\n"
      "asr r9, r9, #2\n"
      "smmlar r6, r6, r11, r6\n"
      "smmlar r7, r7, r11, r7\n"
      "smmlar r8, r8, r11, r8\n"
      "smmlar r9, r9, r11, r9\n"
      "add r6, r6, r6, asr #31\n"
      "add r7, r7, r7, asr #31\n"
      "add r8, r8, r8, asr #31\n"
      "add r9, r9, r9, asr #31\n"
      "smmlar r6, r6, r12, lr\n"
      "smmlar r7, r7, r12, lr\n"
      "smmlar r8, r8, r12, lr\n"
      "smmlar r9, r9, r12, lr\n"
      "ssat r6, #8, r6\n"
      "ssat r7, #8, r7\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "add r0, r0, #4\n"
      "ldrd r2, r3, [sp, #28]\n"  // row_step, column_step
      "ldr r4, [sp, #36]\n"
      "add r5, r1, r2\n"
      "cmp r0, r4\n"
      "strb r9, [r5, r3]\n"
      "strb r8, [r5]\n"
      "strb r7, [r1, r3]\n"
      "strb r6, [r1]\n"
      "add r1, r1, r3, lsl #1\n"
      "bne.w 6b\n"
      "ldr r0, [sp, #52]\n"
      "ldr r2, [sp, #56]\n"
      "eors r2, r2, #1\n"
      "str r2, [sp, #56]\n"
      "bne.w 5b\n"

      "ldrd r4, r5, [sp, #20]\n"  // tiles, y
      "subs r4, r4, #4\n"
      "ble 7f\n"
      "add r5, r5, r3, lsl #3\n"
      "strd r4, r5, [sp, #20]\n"
      "ldrd r4, r1, [sp, #8]\n"  // plane_bytes, x_end
      "ldr r2, [sp, #16]\n"
      "ldr r3, [sp, #44]\n"
      "str r2, [sp, #4]\n"
      "add r4, r4, r1\n"
      "add r3, r3, r1\n"
      "str r4, [sp]\n"
      "str r3, [sp, #12]\n"
      "b.w 4b\n"
      "7:\n"
      "add sp, sp, #60\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_LOADS
#undef MOTE_STEP
#undef MOTE_SEVEN_STEPS
#undef MOTE_LOAD
}

}  // namespace

void conv_2d_s8_winograd_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                 std::uint8_t* scratch, std::int8_t* y) {
  const WinogradStrip strip = winograd_strip(p);
  const std::int32_t plane_words = 2 * p.in_c;  // four tiles of int16
  const std::int32_t group_words = 16 * plane_words;
  auto* const lanes = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  std::uint32_t* const columns = lanes + strip.groups * group_words;
  auto* const sums = static_cast<std::int32_t*>(static_cast<void*>(columns + strip.columns * kLineCount));

  std::int32_t offsets[kLineCount];
  for (std::int32_t i = 0; i < kLineCount; ++i) {
    offsets[i] = 16 * (kLines[i].row * plane_words + kLines[i].odd);
  }
  const std::uint32_t zero_point = static_cast<std::uint32_t>(-p.in_offset) & 0xFFFF;
  const std::uint32_t zero_point_bytes = (zero_point & 0xFF) * 0x01010101U;
  // Columns of the input that the tiles reach, beside those of padding.
  const std::int32_t reached = p.in_w < p.out_w + 2 - p.pad_left ? p.in_w : p.out_w + 2 - p.pad_left;

  const std::int32_t row_bytes = p.in_w * p.in_c;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * row_bytes) {
    for (std::int32_t top = 0, left = 0; top < p.out_h;) {
      // The strip's columns that lie in the input.
      const std::int32_t before = left == 0 ? p.pad_left : 0;
      const std::int32_t first = left + before - p.pad_left;
      const std::int32_t rest = reached - first;
      const std::int32_t room = strip.columns - before;
      const std::int32_t inside = rest < 0 ? 0 : (rest < room ? rest : room);
      for (std::int32_t j = 0; j < strip.columns; ++j) {  // of columns of zero point, d1+d2 alone is not 0
        if (j == before) j += inside;
        if (j >= strip.columns) break;
        for (std::int32_t i = 0; i < kLineCount; ++i) {
          columns[j * kLineCount + i] = kLines[i].row == 1 ? ((2 * zero_point) & 0xFFFF) * 0x10001U : 0;
        }
      }
      Columns read;
      read.to = columns + before * kLineCount;
      read.end = read.to + inside * kLineCount;
      const std::int8_t* row[4];
      for (std::int32_t i = 0; i < 4; ++i) {
        const std::int32_t h = top + i - p.pad_top;
        const bool is_row = h >= 0 && h < p.in_h;
        row[i] = is_row ? x + h * row_bytes + first * p.in_c : nullptr;
        read.step[i] = is_row ? p.in_c : 0;
      }
      Rows spread;
      spread.offsets = offsets + kLineCount;
      spread.from = columns;
      spread.plane_bytes = plane_words * 4;
      spread.groups = strip.groups;
      spread.group_skip = group_words * 4 - 16;
      for (std::int32_t c = 0; c < p.in_c; c += 4) {
        for (std::int32_t i = 0; i < 4; ++i) {
          const void* const outside = &zero_point_bytes;
          read.row[i] = row[i] != nullptr ? row[i] + c : static_cast<const std::int8_t*>(outside);
        }
        if (inside > 0) transform_columns(&read);
        spread.offset = offsets;
        spread.to = lanes + c * 2;  // two steps of four tiles
        transform_rows(&spread);
      }

      Tiles out{};
      out.plane_end = lanes + plane_words;
      out.next_sums = sums;
      out.plane_bytes = plane_words * 4;
      out.x_end = lanes + group_words;
      out.sums = sums;
      out.tiles = (p.out_w - left < 8 * strip.groups ? p.out_w - left : 8 * strip.groups) / 2;
      out.row_step = top + 1 < p.out_h ? p.out_w * p.out_c : 0;
      out.column_step = p.out_c;
      out.out_offset = p.out_offset;
      out.group_bytes = group_words * 4;
      out.weights = packed;
      out.x = lanes;
      for (std::int32_t o = 0; o < p.out_c; o += 2, out.weights += winograd_pair_words(p.in_c)) {
        out.y = y + left * p.out_c + o;
        multiply(&out);
      }
      left += 8 * strip.groups;
      if (left < p.out_w) continue;
      left = 0;
      top += 2;
      y += p.out_w * p.out_c + out.row_step;
    }
  }
  const std::int32_t count = p.batches * p.out_h * p.out_w * p.out_c;
  isa::narrow_clamp(y - count, count, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
