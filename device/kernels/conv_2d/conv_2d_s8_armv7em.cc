// int8 convolution for Armv7E-M: four output pixels at a time are gathered and widened once, then all channels run over
// them, two at a time, with both channels' weights in the halves of one 16-bit lane.
#include <cstring>

#include "device/isa/armv7em.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {
namespace {

// What widen() reads: the windows of four pixels.
struct Windows {
  const std::int8_t* row[4];  // where each window's first row begins
  std::uint32_t* panel;       // where the next words go
  std::int32_t words;         // whole words of one row, >= 1
  std::int32_t skip;          // from the end of one row's words to the next row
  std::int32_t rows;
};

// Widens the whole words of every row of four windows: word (b0,b1,b2,b3) of each becomes (b0,b2) of each, then
// (b1,b3) of each, in int16. One instruction per element.
[[gnu::naked, gnu::noinline]] void widen(Windows*) {
  asm volatile(
      "push {r0, r4-r11, lr}\n"
      "ldm r0, {r0-r3, r12, lr}\n"  // rows, panel, words
      "1:\n"
      "ldr r4, [r0], #4\n"
      "ldr r5, [r1], #4\n"
      "ldr r6, [r2], #4\n"
      "ldr r7, [r3], #4\n"
      "sxtb16 r8, r4\n"
      "sxtb16 r9, r5\n"
      "sxtb16 r10, r6\n"
      "sxtb16 r11, r7\n"
      "stmia r12!, {r8-r11}\n"
      "sxtb16 r4, r4, ror #8\n"
      "sxtb16 r5, r5, ror #8\n"
      "sxtb16 r6, r6, ror #8\n"
      "sxtb16 r7, r7, ror #8\n"
      "stmia r12!, {r4-r7}\n"
      "subs lr, lr, #1\n"
      "bne 1b\n"
      "ldr r4, [sp]\n"
      "ldrd r5, r6, [r4, #24]\n"  // skip, rows
      "ldr lr, [r4, #20]\n"
      "add r0, r0, r5\n"
      "add r1, r1, r5\n"
      "add r2, r2, r5\n"
      "add r3, r3, r5\n"
      "subs r6, r6, #1\n"
      "str r6, [r4, #28]\n"
      "bne 1b\n"
      "str r12, [r4, #16]\n"
      "pop {r0, r4-r11, pc}\n");
}

// What multiply() reads.
struct Panel {
  const std::uint32_t* end;
  const std::uint32_t* begin;
  std::int32_t more_steps;  // pairs of taps beyond the first
  std::int8_t* y;           // first pixel, first channel of this run
  std::int32_t y_step;      // from pixel to pixel
  std::int32_t out_offset;
  std::int32_t rectified;  // negative results are clamped away, so rounding need not mind their sign
  const std::int32_t* weights_end;
};

// y[four pixels][channels] from packed weights, a pair of channels (A, B) at a time. The accumulators of a pixel are
// A + 256*B and A, both exact modulo 2^32; B in 24 bits is their difference shifted down. 12 instructions for the 16
// products of a step:
//   r2 lanes of A + 256*B  r3 lanes of A  r4, r5 lanes of two pixels  r6-r9 sums of A + 256*B  r10-r12, lr sums of A
//   r0 weights  r1 panel
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] void multiply(const Panel*, const std::int32_t*) {
#define MOTE_STEP            \
  "ldr r2, [r0], #4\n"       \
  "ldrd r4, r5, [r1], #8\n"  \
  "sxtb16 r3, r2\n"          \
  "smlad r6, r2, r4, r6\n"   \
  "smlad r7, r2, r5, r7\n"   \
  "smlad r10, r3, r4, r10\n" \
  "smlad r11, r3, r5, r11\n" \
  "ldrd r4, r5, [r1], #8\n"  \
  "smlad r8, r2, r4, r8\n"   \
  "smlad r9, r2, r5, r9\n"   \
  "smlad r12, r3, r4, r12\n" \
  "smlad lr, r3, r5, lr\n"
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r2-r9}\n"
      "and r12, r4, #7\n"  // steps that the first, partial, turn of the loop takes
      "mov lr, #48\n"      // bytes of a step
      "adr.w r4, 3f\n"     // right only where the function is aligned
      "mls r4, r12, lr, r4\n"
      "orr r4, r4, #1\n"  // Thumb
      "push {r2-r9}\n"
      "mov r0, r1\n"

      // The first step of a pair starts from its biases: A + 256*B in r9, A in lr.
      "1:\n"
      "ldr r1, [sp, #4]\n"
      "ldrd r9, lr, [r0], #8\n"
      "ldr r2, [r0], #4\n"
      "ldrd r4, r5, [r1], #8\n"
      "sxtb16 r3, r2\n"
      "smlad r6, r2, r4, r9\n"
      "smlad r7, r2, r5, r9\n"
      "smlad r10, r3, r4, lr\n"
      "smlad r11, r3, r5, lr\n"
      "ldrd r4, r5, [r1], #8\n"
      "smlad r8, r2, r4, r9\n"
      "smlad r9, r2, r5, r9\n"
      "smlad r12, r3, r4, lr\n"
      "smlad lr, r3, r5, lr\n"
      "ldr pc, [sp, #8]\n"

      "2:\n"  //
      MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP
      "3:\n"
      "ldr r4, [sp]\n"
      "cmp r1, r4\n"
      "bne 2b\n"

      "sub r6, r6, r10\n"
      "sub r7, r7, r11\n"
      "sub r8, r8, r12\n"
      "sub r9, r9, lr\n"
      "asr r6, r6, #8\n"
      "asr r7, r7, #8\n"
      "asr r8, r8, #8\n"
      "asr r9, r9, #8\n"
      "ldrd r2, r3, [r0], #8\n"   // multipliers
      "ldrd r4, r5, [sp, #20]\n"  // out_offset, rectified
      "smmlar r10, r10, r2, r10\n"
      "smmlar r11, r11, r2, r11\n"
      "smmlar r12, r12, r2, r12\n"
      "smmlar lr, lr, r2, lr\n"
      "smmlar r6, r6, r3, r6\n"
      "smmlar r7, r7, r3, r7\n"
      "smmlar r8, r8, r3, r8\n"
      "smmlar r9, r9, r3, r9\n"
      "cbnz r5, 4f\n"
      "add r10, r10, r10, asr #31\n"
      "add r11, r11, r11, asr #31\n"
      "add r12, r12, r12, asr #31\n"
      "add lr, lr, lr, asr #31\n"
      "add r6, r6, r6, asr #31\n"
      "add r7, r7, r7, asr #31\n"
      "add r8, r8, r8, asr #31\n"
      "add r9, r9, r9, asr #31\n"
      "4:\n"
      "ldrd r2, r3, [r0], #8\n"  // powers of two
      "smmlar r10, r10, r2, r4\n"
      "smmlar r11, r11, r2, r4\n"
      "smmlar r12, r12, r2, r4\n"
      "smmlar lr, lr, r2, r4\n"
      "smmlar r6, r6, r3, r4\n"
      "smmlar r7, r7, r3, r4\n"
      "smmlar r8, r8, r3, r4\n"
      "smmlar r9, r9, r3, r4\n"
      "ssat r10, #8, r10\n"
      "ssat r11, #8, r11\n"
      "ssat r12, #8, r12\n"
      "ssat lr, #8, lr\n"
      "ssat r6, #8, r6\n"
      "ssat r7, #8, r7\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "bfi r10, r6, #8, #8\n"
      "bfi r11, r7, #8, #8\n"
      "bfi r12, r8, #8, #8\n"
      "bfi lr, r9, #8, #8\n"
      "ldrd r2, r3, [sp, #12]\n"  // y, y_step
      "strh r10, [r2]\n"
      "strh r11, [r2, r3]\n"
      "strh r12, [r2, r3, lsl #1]\n"
      "add r4, r2, r3\n"
      "strh lr, [r4, r3, lsl #1]\n"
      "add r2, r2, #2\n"
      "str r2, [sp, #12]\n"
      "ldr r4, [sp, #28]\n"
      "cmp r0, r4\n"
      "bne 1b\n"
      "add sp, sp, #32\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_STEP
}

// Copies one pixel's window out of the input, with the zero point where it reaches beyond.
void gather(const Conv2dParams& p, const std::int8_t* image, std::int32_t top, std::int32_t left, std::int8_t* to) {
  const std::int32_t channels = p.in_c;
  // Adjacent columns are copied in one run, [first, end) of the kernel's.
  const std::int32_t runs = p.dilation_w == 1 ? 1 : p.kernel_w;
  const std::int32_t run = p.kernel_w / runs;
  for (std::int32_t i = 0; i < p.kernel_h; ++i) {
    const std::int32_t h = top + i * p.dilation_h;
    const bool is_row = h >= 0 && h < p.in_h;
    for (std::int32_t j = 0; j < runs; ++j, to += run * channels) {
      const std::int32_t w = left + j * p.dilation_w;
      const std::int32_t first = w < 0 ? (w < -run ? run : -w) : 0;
      const std::int32_t end = w + run > p.in_w ? (w > p.in_w ? 0 : p.in_w - w) : run;
      if (!is_row || first >= end) {
        isa::fill_bytes(to, -p.in_offset, run * channels);
        continue;
      }
      isa::fill_bytes(to, -p.in_offset, first * channels);
      isa::copy_bytes(to + first * channels, image + (h * p.in_w + w + first) * channels, (end - first) * channels);
      isa::fill_bytes(to + end * channels, -p.in_offset, (run - end) * channels);
    }
  }
}

// The last bytes of rows whose length is no multiple of four, as lanes in the order they come.
void widen_tails(const Windows& windows, const std::int8_t* const (&row)[4], std::int32_t row_step, std::int32_t begin,
                 std::int32_t end, std::int32_t rows) {
  for (std::int32_t i = 0; i < 4; ++i) {
    std::uint32_t* to = windows.panel + i;
    const std::int8_t* at = row[i];
    std::uint32_t first = 0;
    bool has_first = false;
    for (std::int32_t r = 0; r < rows; ++r, at += row_step) {
      for (std::int32_t b = begin; b < end; ++b) {
        const auto lane = static_cast<std::uint32_t>(at[b]);
        if (has_first) {
          *to = first | lane << 16;
          to += 4;
        } else {
          first = lane & 0xFFFF;
        }
        has_first = !has_first;
      }
    }
    if (has_first) *to = first;
  }
}

}  // namespace

void conv_2d_s8_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y) {
  const std::int32_t row_bytes = p.kernel_w * p.in_c;
  const std::int32_t words = row_bytes / 4;
  const std::int32_t steps = fused_lanes_steps(p.kernel_h, row_bytes);
  auto* const panel = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  auto* const patches = static_cast<std::int8_t*>(static_cast<void*>(scratch + steps * 16));
  const std::int32_t pair_words = fused_lanes_pair_words(steps);
  const std::int32_t pairs = p.out_c / 2;
  const std::int32_t pixels = p.out_h * p.out_w;
  const std::int32_t total = p.batches * pixels;
  const std::int32_t in_step = p.dilation_h * p.in_w * p.in_c;
  std::int32_t group = 4;

  Panel out{};
  out.end = panel + steps * 4;
  out.begin = panel;
  out.more_steps = steps - 1;
  out.y_step = p.out_c;
  out.out_offset = p.out_offset;
  out.rectified = p.clamp_min >= p.out_offset ? 1 : 0;

  // Where the window of the next pixel begins.
  const bool gathers = gathers_windows(p);
  const std::int32_t first_left = -p.pad_left;
  const std::int32_t left_end = first_left + p.out_w * p.stride_w;
  const std::int32_t bottom = p.in_h - (p.kernel_h - 1) * p.dilation_h;  // tops below this are inside
  const std::int32_t right = p.dilation_w == 1 ? p.in_w - p.kernel_w + 1 : first_left;
  std::int32_t top = -p.pad_top;
  std::int32_t left = first_left;
  const std::int8_t* image = x;
  std::int32_t row_of_image = 0;
  for (std::int32_t q = 0; q < total;) {
    if (q + 4 > total) {  // of fewer than four pixels, each is computed four times over
      group = 1;
      out.y_step = 0;
    }
    Windows windows;
    const std::int8_t* row[4];
    struct {
      const std::int8_t* image;
      std::int32_t top, left;
    } window[4];
    bool inside = true;
    for (std::int32_t i = 0; i < 4; ++i) {
      row[i] = image + (top * p.in_w + left) * p.in_c;
      if (gathers) {
        window[i] = {image, top, left};
        inside = inside && top >= 0 && left >= 0 && top < bottom && left < right;
      }
      if (group == 1 && i < 3) continue;
      left += p.stride_w;
      if (left == left_end) {
        left = first_left;
        top += p.stride_h;
        if (++row_of_image == p.out_h) {
          row_of_image = 0;
          top = -p.pad_top;
          image += p.in_h * p.in_w * p.in_c;
        }
      }
    }
    std::int32_t row_step = in_step;
    if (!inside) {
      row_step = row_bytes;
      for (std::int32_t i = 0; i < 4; ++i) {
        std::int8_t* patch = patches + i * p.kernel_h * row_bytes;
        gather(p, window[i].image, window[i].top, window[i].left, patch);
        row[i] = patch;
      }
    }
    windows.panel = panel;
    if (words > 0) {
      for (std::int32_t i = 0; i < 4; ++i) windows.row[i] = row[i];
      windows.words = words;
      windows.skip = row_step - words * 4;
      windows.rows = p.kernel_h;
      widen(&windows);
    }
    if (row_bytes % 4 != 0) widen_tails(windows, row, row_step, words * 4, row_bytes, p.kernel_h);

    out.y = y + q * p.out_c;
    out.weights_end = packed + pairs * pair_words;
    multiply(&out, packed);
    if (p.out_c % 2 != 0) {  // the last pair takes in a channel that is already done
      out.y += p.out_c - 2;
      const std::int32_t* last = out.weights_end;
      out.weights_end += pair_words;
      multiply(&out, last);
    }
    q += group;
  }
  isa::narrow_clamp(y, total * p.out_c, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
