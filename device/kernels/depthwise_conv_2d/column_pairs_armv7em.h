// int8 depthwise 3x3 convolution for Armv7E-M, for kernels that differ in how many channels they take at a time: rows
// are widened in pairs, channel by channel, so that one instruction multiplies two taps of a column and two output rows
// share what is loaded.
#pragma once

#include "device/isa/armv7em.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels::column_pairs {

// What widen_rows() reads and uses up: two rows of the input, four channels at
// a time.
struct RowPair {
  const std::int8_t* upper;
  const std::int8_t* lower;
  std::int32_t upper_step;  // from pixel to pixel; 0 where the row lies outside
                            // and all is zero point
  std::int32_t lower_step;
  std::uint32_t* to;        // the first channel's word of the first column
  std::int32_t pitch;       // bytes from channel to channel
  std::int32_t columns;     // >= 1
  std::int32_t upper_next;  // from the last column to the next group of channels
  std::int32_t lower_next;
  std::int32_t to_next;
  std::int32_t groups;  // >= 1
};

// (upper, lower) as int16 halves of a word, every other word. 15 instructions for 8 elements.
[[gnu::naked, gnu::noinline]] inline void widen_rows(RowPair*) {
#define MOTE_COLUMN             \
  "ldr r4, [r0]\n"              \
  "ldr r5, [r1]\n"              \
  "add r0, r0, r2\n"            \
  "add r1, r1, r3\n"            \
  "pkhbt r6, r4, r5, lsl #16\n" \
  "pkhtb r7, r5, r4, asr #16\n" \
  "sxtb16 r8, r6\n"             \
  "sxtb16 r6, r6, ror #8\n"     \
  "sxtb16 r9, r7\n"             \
  "sxtb16 r7, r7, ror #8\n"     \
  "str r6, [r10, r12]\n"        \
  "str r8, [r10], #8\n"         \
  "str r7, [r11, r12]\n"        \
  "str r9, [r11], #8\n"
  asm volatile(
      "push {r0, r4-r11, lr}\n"
      "ldr lr, [r0, #24]\n"
      "ldrd r10, r12, [r0, #16]\n"
      "ldrd r2, r3, [r0, #8]\n"
      "ldrd r0, r1, [r0]\n"
      "add r11, r10, r12, lsl #1\n"
      "1:\n"
      "lsrs lr, lr, #1\n"
      "bcc 2f\n"  //
      MOTE_COLUMN
      "beq 3f\n"  // of the shift
      "2:\n"      //
      MOTE_COLUMN MOTE_COLUMN
      "subs lr, lr, #1\n"
      "bne 2b\n"
      "3:\n"
      "ldr r4, [sp]\n"
      "ldrd r5, r6, [r4, #28]\n"  // upper_next, lower_next
      "add r0, r0, r5\n"
      "add r1, r1, r6\n"
      "ldrd r5, r6, [r4, #36]\n"  // to_next, groups
      "add r10, r10, r5\n"
      "add r11, r11, r5\n"
      "ldr lr, [r4, #24]\n"
      "subs r6, r6, #1\n"
      "str r6, [r4, #40]\n"
      "bne 1b\n"
      "pop {r0, r4-r11, pc}\n");
#undef MOTE_COLUMN
}

// What the row functions read; they work on a copy on their stack, at the same offsets.
struct Rows {
  const std::int32_t* packed;
  const std::int32_t* packed_end;
  std::int32_t back;         //  8: from the end of one channel's row of y to the next channel's begin
  std::int32_t pitch;        // 12: bytes from channel to channel in the widened rows
  std::int32_t row_step;     // 16: of y; 0 where the second row does not exist
  std::int32_t channels;     // 20
  std::int32_t multiplier;   // 24: of the current channel
  std::int32_t power;        // 28
  std::int32_t loop;         // 32: 0 even pair first, 1 odd; 2, 3 the same for rectified outputs
  const std::uint32_t* end;  // 36: where the current channel's columns in twos end
  std::int32_t tail;         // 40: bytes from the end of its columns to the next channel
  std::int32_t bias;         // 44: of the current channel
  std::int32_t out_offset;   // 48
  std::int32_t is_odd;       // 52: a column is left over
  const std::uint32_t* x;
  std::int8_t* y;
};

// Once per channel: (k0,k1) and (k1,k2) of each column to r4-r9, then one of four loops over the outputs of a row.
//   r0 widened rows  r1 y  r2, r3 row pairs
#define MOTE_BEGIN_CHANNELS                \
  "push {r4-r11, lr}\n"                    \
  "ldm r0!, {r2-r8}\n"                     \
  "ldm r0!, {r9-r12, lr}\n"                \
  "sub sp, sp, #56\n"                      \
  "stm sp, {r2-r8}\n"                      \
  "add r2, sp, #28\n"                      \
  "adr.w r3, 7f\n"                         \
  "add r10, r3, r10, lsl #2\n"             \
  "orr r10, r10, #1\n"                     \
  "stm r2!, {r9-r12, lr}\n"                \
  "ldm r0, {r3-r5, r6}\n"                  \
  "stm r2, {r3, r4}\n"                     \
  "mov r0, r5\n"                           \
  "mov r1, r6\n"                           \
  "8:\n"                                   \
  "ldr r2, [sp]\n"                         \
  "ldm r2!, {r4, r6, r8, r10, r11, r12}\n" \
  "str r2, [sp]\n"                         \
  "str r12, [sp, #44]\n"                   \
  "strd r10, r11, [sp, #24]\n"             \
  "sxtb16 r5, r4, ror #8\n"                \
  "sxtb16 r4, r4\n"                        \
  "sxtb16 r7, r6, ror #8\n"                \
  "sxtb16 r6, r6\n"                        \
  "sxtb16 r9, r8, ror #8\n"                \
  "sxtb16 r8, r8\n"                        \
  "ldr pc, [sp, #32]\n"                    \
  ".balign 4\n"                            \
  "7:\n"                                   \
  "b.w 10f\n"                              \
  "b.w 20f\n"                              \
  "b.w 30f\n"                              \
  "b.w 40f\n"

#define MOTE_END_CHANNELS     \
  "9:\n"                      \
  "ldrd r2, r3, [sp, #8]\n"   \
  "sub r1, r1, r2\n"          \
  "ldrd r10, r2, [sp, #36]\n" \
  "add r10, r10, r3\n"        \
  "add r0, r0, r2\n"          \
  "str r10, [sp, #36]\n"      \
  "ldrd r2, r3, [sp]\n"       \
  "cmp r2, r3\n"              \
  "bne.w 8b\n"                \
  "add sp, sp, #56\n"         \
  "pop {r4-r11, pc}\n"

// One column of two output rows from two row pairs: FIRST holds rows 0 and 1, SECOND rows 2 and 3.
#define MOTE_COLUMN(TOP, BOTTOM, FIRST, SECOND, SUM0, SUM1, FROM0, FROM1) \
  "smlad " SUM0 ", " TOP ", " FIRST ", " FROM0                            \
  "\n"                                                                    \
  "smlabt " SUM1 ", " TOP ", " FIRST ", " FROM1                           \
  "\n"                                                                    \
  "smlatb " SUM0 ", " BOTTOM ", " SECOND ", " SUM0                        \
  "\n"                                                                    \
  "smlad " SUM1 ", " BOTTOM ", " SECOND ", " SUM1 "\n"

// SUM0 holds the upper row's sums and SUM1 the lower's, r12 and lr those of the second column.
#define MOTE_LOOP(LABEL, FIRST, SECOND, SIGNS0, SIGNS1) \
  LABEL "0:\n"                                                                 \
  "ldr r2, [sp, #36]\n"                                                        \
  "cmp r0, r2\n"                                                               \
  "beq.w " LABEL "2f\n"                                                        \
  LABEL "1:\n"                                                                 \
  "ldr r11, [sp, #44]\n"                                                       \
  "ldrd r2, r3, [r0], #8\n"                                                    \
  "mov lr, r11\n"                                                              \
  MOTE_COLUMN("r4", "r5", FIRST, SECOND, "r10", "r11", "r11", "r11")           \
  "ldrd r2, r3, [r0], #8\n"                                                    \
  MOTE_COLUMN("r6", "r7", FIRST, SECOND, "r10", "r11", "r10", "r11")           \
  MOTE_COLUMN("r4", "r5", FIRST, SECOND, "r12", "lr", "lr", "lr")              \
  "ldrd r2, r3, [r0]\n"                                                        \
  MOTE_COLUMN("r8", "r9", FIRST, SECOND, "r10", "r11", "r10", "r11")           \
  MOTE_COLUMN("r6", "r7", FIRST, SECOND, "r12", "lr", "r12", "lr")             \
  "ldrd r2, r3, [r0, #8]\n"                                                    \
  MOTE_COLUMN("r8", "r9", FIRST, SECOND, "r12", "lr", "r12", "lr")             \
  "ldrd r2, r3, [sp, #24]\n"                                                   \
  "smmlar r10, r10, r2, r10\n"                                                 \
  "smmlar r11, r11, r2, r11\n"                                                 \
  "smmlar r12, r12, r2, r12\n"                                                 \
  "smmlar lr, lr, r2, lr\n"                                                    \
  SIGNS0 SIGNS1                                                                \
  "ldr r2, [sp, #48]\n"                                                        \
  "smmlar r10, r10, r3, r2\n"                                                  \
  "smmlar r11, r11, r3, r2\n"                                                  \
  "smmlar r12, r12, r3, r2\n"                                                  \
  "smmlar lr, lr, r3, r2\n"                                                    \
  "ssat r10, #8, r10\n"                                                        \
  "ssat r11, #8, r11\n"                                                        \
  "ssat r12, #8, r12\n"                                                        \
  "ssat lr, #8, lr\n"                                                          \
  "ldrd r2, r3, [sp, #16]\n"                                                   \
  "strb r11, [r1, r2]\n"                                                       \
  "strb r10, [r1]\n"                                                           \
  "add r1, r1, r3\n"                                                           \
  "strb lr, [r1, r2]\n"                                                        \
  "strb r12, [r1]\n"                                                           \
  "ldr r2, [sp, #36]\n"                                                        \
  "add r1, r1, r3\n"                                                           \
  "cmp r0, r2\n"                                                               \
  "bne.w " LABEL "1b\n"                                                        \
  LABEL "2:\n"                                                                 \
  "ldr r2, [sp, #52]\n"                                                        \
  "cmp r2, #0\n"                                                               \
  "beq.w 9f\n"                                                                 \
  "ldr r11, [sp, #44]\n"                                                       \
  "ldrd r2, r3, [r0], #8\n"                                                    \
  MOTE_COLUMN("r4", "r5", FIRST, SECOND, "r10", "r11", "r11", "r11")           \
  "ldrd r2, r3, [r0]\n"                                                        \
  MOTE_COLUMN("r6", "r7", FIRST, SECOND, "r10", "r11", "r10", "r11")           \
  "ldrd r2, r3, [r0, #8]\n"                                                    \
  MOTE_COLUMN("r8", "r9", FIRST, SECOND, "r10", "r11", "r10", "r11")           \
  "ldrd r2, r3, [sp, #24]\n"                                                   \
  "smmlar r10, r10, r2, r10\n"                                                 \
  "smmlar r11, r11, r2, r11\n"                                                 \
  SIGNS0                                                                       \
  "ldr r2, [sp, #48]\n"                                                        \
  "smmlar r10, r10, r3, r2\n"                                                  \
  "smmlar r11, r11, r3, r2\n"                                                  \
  "ssat r10, #8, r10\n"                                                        \
  "ssat r11, #8, r11\n"                                                        \
  "ldrd r2, r3, [sp, #16]\n"                                                   \
  "strb r11, [r1, r2]\n"                                                       \
  "strb r10, [r1]\n"                                                           \
  "add r1, r1, r3\n"                                                           \
  "b.w 9f\n"

#define MOTE_SIGNS0              \
  "add r10, r10, r10, asr #31\n" \
  "add r11, r11, r11, asr #31\n"
#define MOTE_SIGNS1              \
  "add r12, r12, r12, asr #31\n" \
  "add lr, lr, lr, asr #31\n"

// Two output rows of every channel, stride 1: 57 or 61 instructions for two columns of them.
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] inline void two_rows(const Rows*) {
  asm volatile(MOTE_BEGIN_CHANNELS                                       //
                   MOTE_LOOP("1", "r2", "r3", MOTE_SIGNS0, MOTE_SIGNS1)  //
               MOTE_LOOP("2", "r3", "r2", MOTE_SIGNS0, MOTE_SIGNS1)      //
               MOTE_LOOP("3", "r2", "r3", "", "")                        //
               MOTE_LOOP("4", "r3", "r2", "", "")                        //
               MOTE_END_CHANNELS);
}

#define MOTE_STRIDE_2_COLUMN(TOP, BOTTOM, FIRST, SECOND, SUM, FROM) \
  "smlad " SUM ", " TOP ", " FIRST ", " FROM                        \
  "\n"                                                              \
  "smlatb " SUM ", " BOTTOM ", " SECOND ", " SUM "\n"

// r12 holds the bias, r10 and r11 the sums of two columns.
#define MOTE_STRIDE_2_LOOP(LABEL, FIRST, SECOND, SIGN0, SIGN1) \
  LABEL "0:\n"                                                              \
  "ldr lr, [sp, #48]\n"                                                     \
  "ldr r2, [sp, #36]\n"                                                     \
  "cmp r0, r2\n"                                                            \
  "beq.w " LABEL "2f\n"                                                     \
  LABEL "1:\n"                                                              \
  "ldrd r2, r3, [r0], #32\n"                                                \
  MOTE_STRIDE_2_COLUMN("r4", "r5", FIRST, SECOND, "r10", "r12")             \
  "ldrd r2, r3, [r0, #-24]\n"                                               \
  MOTE_STRIDE_2_COLUMN("r6", "r7", FIRST, SECOND, "r10", "r10")             \
  "ldrd r2, r3, [r0, #-16]\n"                                               \
  MOTE_STRIDE_2_COLUMN("r8", "r9", FIRST, SECOND, "r10", "r10")             \
  MOTE_STRIDE_2_COLUMN("r4", "r5", FIRST, SECOND, "r11", "r12")             \
  "ldrd r2, r3, [r0, #-8]\n"                                                \
  MOTE_STRIDE_2_COLUMN("r6", "r7", FIRST, SECOND, "r11", "r11")             \
  "ldrd r2, r3, [r0]\n"                                                     \
  MOTE_STRIDE_2_COLUMN("r8", "r9", FIRST, SECOND, "r11", "r11")             \
  "ldrd r2, r3, [sp, #24]\n"                                                \
  "smmlar r10, r10, r2, r10\n"                                              \
  "smmlar r11, r11, r2, r11\n"                                              \
  SIGN0 SIGN1                                                               \
  "smmlar r10, r10, r3, lr\n"                                               \
  "smmlar r11, r11, r3, lr\n"                                               \
  "ldr r3, [sp, #20]\n"                                                     \
  "ldr r2, [sp, #36]\n"                                                     \
  "ssat r10, #8, r10\n"                                                     \
  "ssat r11, #8, r11\n"                                                     \
  "strb r11, [r1, r3]\n"                                                    \
  "strb r10, [r1]\n"                                                        \
  "add r1, r1, r3, lsl #1\n"                                                \
  "cmp r0, r2\n"                                                            \
  "bne.w " LABEL "1b\n"                                                     \
  LABEL "2:\n"                                                              \
  "ldr r2, [sp, #52]\n"                                                     \
  "cmp r2, #0\n"                                                            \
  "beq.w 9f\n"                                                              \
  "ldrd r2, r3, [r0], #16\n"                                                \
  MOTE_STRIDE_2_COLUMN("r4", "r5", FIRST, SECOND, "r10", "r12")             \
  "ldrd r2, r3, [r0, #-8]\n"                                                \
  MOTE_STRIDE_2_COLUMN("r6", "r7", FIRST, SECOND, "r10", "r10")             \
  "ldrd r2, r3, [r0]\n"                                                     \
  MOTE_STRIDE_2_COLUMN("r8", "r9", FIRST, SECOND, "r10", "r10")             \
  "ldrd r2, r3, [sp, #24]\n"                                                \
  "smmlar r10, r10, r2, r10\n"                                              \
  SIGN0                                                                     \
  "smmlar r10, r10, r3, lr\n"                                               \
  "ssat r10, #8, r10\n"                                                     \
  "ldr r3, [sp, #20]\n"                                                     \
  "strb r10, [r1]\n"                                                        \
  "add r1, r1, r3\n"                                                        \
  "b.w 9f\n"

#define MOTE_SIGN0 "add r10, r10, r10, asr #31\n"
#define MOTE_SIGN1 "add r11, r11, r11, asr #31\n"

// One output row of every channel, stride 2: 33 or 35 instructions for two outputs.
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] inline void one_row(const Rows*) {
  asm volatile(MOTE_BEGIN_CHANNELS                                              //
                   MOTE_STRIDE_2_LOOP("1", "r2", "r3", MOTE_SIGN0, MOTE_SIGN1)  //
               MOTE_STRIDE_2_LOOP("2", "r3", "r2", MOTE_SIGN0, MOTE_SIGN1)      //
               MOTE_STRIDE_2_LOOP("3", "r2", "r3", "", "")                      //
               MOTE_STRIDE_2_LOOP("4", "r3", "r2", "", "")                      //
               MOTE_END_CHANNELS);
}

#undef MOTE_BEGIN_CHANNELS
#undef MOTE_END_CHANNELS
#undef MOTE_COLUMN
#undef MOTE_LOOP
#undef MOTE_STRIDE_2_COLUMN
#undef MOTE_STRIDE_2_LOOP
#undef MOTE_SIGN0
#undef MOTE_SIGN1
#undef MOTE_SIGNS0
#undef MOTE_SIGNS1

inline std::uint32_t pair_of(std::int32_t upper, std::int32_t lower) {
  return (static_cast<std::uint32_t>(upper) & 0xFFFF) | static_cast<std::uint32_t>(lower) << 16;
}

// One image's geometry in widened form: [channel][column][pair of rows, even
// and odd].
struct Widened {
  const DepthwiseConv2dParams& p;
  std::uint32_t* words;
  std::int32_t columns;               // of the widened rows, padding included
  std::int32_t inside;                // of them, columns of the input
  std::int32_t channels;              // of the slice
  alignas(4) std::int8_t outside[4];  // zero points

  // The columns beyond the input, which no row changes.
  void pad() const {
    const std::uint32_t pair = pair_of(-p.in_offset, -p.in_offset);
    std::uint32_t* to = words;
    for (std::int32_t c = 0; c < channels; ++c) {
      for (std::int32_t j = 0; j < columns; ++j, to += 2) {
        if (j == p.pad_left) {
          j += inside;
          to += 2 * inside;
          if (j == columns) break;
        }
        to[0] = to[1] = pair;
      }
    }
  }

  // Rows 2*pair and 2*pair + 1, counted from the first padded one.
  void widen(const std::int8_t* image, std::int32_t pair) const {
    const std::int32_t row_bytes = p.in_w * p.in_c;
    const std::int32_t row = 2 * pair - p.pad_top;
    const bool has_upper = row >= 0 && row < p.in_h;
    const bool has_lower = row + 1 >= 0 && row + 1 < p.in_h;
    RowPair rows;
    rows.upper = has_upper ? image + row * row_bytes : outside;
    rows.lower = has_lower ? image + (row + 1) * row_bytes : outside;
    rows.upper_step = has_upper ? p.in_c : 0;
    rows.lower_step = has_lower ? p.in_c : 0;
    rows.to = words + 2 * p.pad_left + pair % 2;
    rows.pitch = columns * 8;
    rows.columns = inside;
    rows.upper_next = has_upper ? 4 - inside * p.in_c : 0;
    rows.lower_next = has_lower ? 4 - inside * p.in_c : 0;
    rows.to_next = 4 * rows.pitch - inside * 8;
    rows.groups = channels / 4;
    if (rows.groups > 0) widen_rows(&rows);
    for (std::int32_t c = channels / 4 * 4; c < channels; ++c) {
      std::uint32_t* to = words + (c * columns + p.pad_left) * 2 + pair % 2;
      const std::int8_t* upper = has_upper ? rows.upper + c : outside;
      const std::int8_t* lower = has_lower ? rows.lower + c : outside;
      for (std::int32_t j = 0; j < inside; ++j, to += 2) {
        *to = pair_of(*upper, *lower);
        upper += rows.upper_step;
        lower += rows.lower_step;
      }
    }
  }
};

// `slice` channels at a time, a multiple of four; all rows of them, then the next.
// Shapes  x, y, packed: as in depthwise_conv_2d_s8_3x3_armv7em
// Memory  scratch: four rows of `slice` channels, padding included, in int16; y may be x where it has its shape
inline void run(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                std::int8_t* y, std::int32_t slice) {
  const std::int32_t columns = column_pairs_columns(p);
  const std::int32_t within = columns - p.pad_left;
  const auto zero_point = static_cast<std::int8_t>(-p.in_offset);  // in [-128, 127]
  Widened widened{p,
                  static_cast<std::uint32_t*>(static_cast<void*>(scratch)),
                  columns,
                  within < p.in_w ? within : p.in_w,
                  slice < p.in_c ? slice : p.in_c,
                  {zero_point, zero_point, zero_point, zero_point}};
  Rows rows{};
  rows.back = p.out_w * p.in_c - 1;
  rows.pitch = columns * 8;
  rows.channels = p.in_c;
  rows.tail = rows.pitch - p.out_w * p.stride_w * 8;
  rows.x = widened.words;
  rows.end = widened.words + p.out_w / 2 * p.stride_w * 4;
  rows.is_odd = p.out_w % 2;
  rows.out_offset = p.out_offset;
  const std::int32_t rectified = p.clamp_min >= p.out_offset ? 2 : 0;
  const std::int32_t rows_at_once = 3 - p.stride_h;
  const std::int32_t row_bytes = p.out_w * p.in_c;

  widened.pad();
  for (std::int32_t first = 0; first < p.in_c; first += slice) {
    if (widened.channels > p.in_c - first) widened.channels = p.in_c - first;
    rows.packed = packed + first * 6;
    rows.packed_end = rows.packed + widened.channels * 6;
    rows.y = y + first;
    const std::int8_t* image = x + first;
    for (std::int32_t n = 0; n < p.batches; ++n, image += p.in_h * p.in_w * p.in_c) {
      widened.widen(image, 0);
      for (std::int32_t oh = 0, pair = 0; oh < p.out_h; oh += rows_at_once, ++pair) {
        widened.widen(image, pair + 1);
        rows.loop = rectified + pair % 2;
        if (p.stride_h == 1) {
          rows.row_step = oh + 1 < p.out_h ? row_bytes : 0;
          two_rows(&rows);
          rows.y += row_bytes + rows.row_step;
        } else {
          one_row(&rows);
          rows.y += row_bytes;
        }
      }
    }
  }
  isa::narrow_clamp(y, p.batches * p.out_h * row_bytes, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels::column_pairs
