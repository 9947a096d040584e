// int8 convolution for Armv7E-M: the windows of two output pixels are gathered and widened, then all channels run over
// them, four at a time, with two channels' weights in the halves of one 16-bit lane.
#include "device/isa/armv7em.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {
namespace {

// What widen() reads: the windows of two pixels.
struct Windows {
  const std::int8_t* row[2];  // where each window's first row begins
  std::uint32_t* panel;       // where the words go
  std::int32_t words;         // of one row, >= 1
  std::int32_t skip;          // from the end of one row's words to the next row
  std::int32_t rows;
};

// Widens every word of two windows: (b0,b1,b2,b3) of each becomes (b0,b2) of each, then (b1,b3) of each, in int16.
// 16 instructions for 16 elements.
[[gnu::naked, gnu::noinline]] void widen(const Windows*) {
#define MOTE_WORD(P, Q) \
  "sxtb16 r8, " P       \
  "\n"                  \
  "sxtb16 r9, " Q       \
  "\n"                  \
  "sxtb16 r10, " P      \
  ", ror #8\n"          \
  "sxtb16 r11, " Q      \
  ", ror #8\n"          \
  "stmia r2!, {r8-r11}\n"
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r0-r5}\n"
      "push {r3}\n"
      "1:\n"
      "lsrs r3, r3, #1\n"
      "bcc 2f\n"
      "ldr r6, [r0], #4\n"
      "ldr r7, [r1], #4\n"  //
      MOTE_WORD("r6", "r7")
      "beq 3f\n"  // of the shift
      "2:\n"
      "ldr r6, [r0], #4\n"
      "ldr r7, [r1], #4\n"
      "ldr r12, [r0], #4\n"
      "ldr lr, [r1], #4\n"  //
      MOTE_WORD("r6", "r7") MOTE_WORD("r12", "lr")
      "subs r3, r3, #1\n"
      "bne 2b\n"
      "3:\n"
      "add r0, r0, r4\n"
      "add r1, r1, r4\n"
      "ldr r3, [sp]\n"
      "subs r5, r5, #1\n"
      "bne 1b\n"
      "pop {r3}\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_WORD
}

// The same for three rows of nine bytes: eight bytes of every row, then the last of each. 76 instructions for 56
// elements.
[[gnu::naked, gnu::noinline]] void widen_colours(const Windows*) {
#define MOTE_ROW        \
  "ldr r4, [r0]\n"      \
  "ldr r5, [r1]\n"      \
  "ldr r6, [r0, #4]\n"  \
  "ldr r7, [r1, #4]\n"  \
  "ldrb r8, [r0, #8]\n" \
  "ldrb r9, [r1, #8]\n" \
  "add r0, r0, r3\n"    \
  "add r1, r1, r3\n"
#define MOTE_WORD(P, Q) \
  "sxtb16 r8, " P       \
  "\n"                  \
  "sxtb16 r9, " Q       \
  "\n"                  \
  "sxtb16 r10, " P      \
  ", ror #8\n"          \
  "sxtb16 r11, " Q      \
  ", ror #8\n"          \
  "stmia r2!, {r8-r11}\n"
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r0-r4}\n"
      "add r3, r4, #9\n"  // from row to row
      MOTE_ROW
      "mov r12, r8\n"
      "mov lr, r9\n"  //
      MOTE_WORD("r4", "r5") MOTE_WORD("r6", "r7") MOTE_ROW
      "orr r12, r12, r8, lsl #8\n"
      "orr lr, lr, r9, lsl #8\n"  //
      MOTE_WORD("r4", "r5") MOTE_WORD("r6", "r7") MOTE_ROW
      "orr r12, r12, r8, lsl #16\n"
      "orr lr, lr, r9, lsl #16\n"  //
      MOTE_WORD("r4", "r5") MOTE_WORD("r6", "r7") MOTE_WORD("r12", "lr") "pop {r4-r11, pc}\n");
#undef MOTE_ROW
#undef MOTE_WORD
}

// What multiply() reads; it works on a copy on its stack, at the same offsets.
struct Panel {
  const std::uint32_t* begin;       //  0: of the current two pixels
  std::int8_t* y;                   //  4: the first of them, current channel
  std::int32_t y_step;              //  8: from the first to the second
  const std::int32_t* weights_end;  // 12
  const std::uint32_t* end;         // 16: of the current two pixels
  std::int32_t more_steps;          // 20: beyond the first; then where the loop is entered
  std::int32_t twice_offset;    // 24: 2 * out_offset; 1 more where negative results are clamped away, so that rounding
                                //     need not mind their sign
  const std::int32_t* weights;  // 28
  std::int32_t twos;            // 32: how many times two pixels, >= 1
  std::int32_t bytes;           // 36: of the panel of two
  std::int32_t y_next;          // 40: from the end of the channels to the first channel of the next two
};

// y[pixels][channels] from packed weights, four channels A, B, C, D at a time. The accumulators of a pixel are A +
// 256*B and A, both exact modulo 2^32, and the same of C and D; B in 24 bits is their difference shifted down. 12
// instructions for the 16 products of a step:
//   r2, r3 lanes of A + 256*B and of C + 256*D, then of A and of C   r4, r5 lanes of the two pixels
//   r6, r7 sums of A + 256*B  r8, r9 of A  r10, r11 of C + 256*D  r12, lr of C   r0 weights  r1 panel
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] void multiply(const Panel*) {
#define MOTE_STEP            \
  "ldr r2, [r0], #4\n"       \
  "ldr r3, [r0], #4\n"       \
  "ldr r4, [r1], #4\n"       \
  "ldr r5, [r1], #4\n"       \
  "smlad r6, r2, r4, r6\n"   \
  "smlad r7, r2, r5, r7\n"   \
  "smlad r10, r3, r4, r10\n" \
  "smlad r11, r3, r5, r11\n" \
  "sxtb16 r2, r2\n"          \
  "sxtb16 r3, r3\n"          \
  "smlad r8, r2, r4, r8\n"   \
  "smlad r9, r2, r5, r9\n"   \
  "smlad r12, r3, r4, r12\n" \
  "smlad lr, r3, r5, lr\n"
#define MOTE_FOUR_STEPS MOTE_STEP MOTE_STEP MOTE_STEP MOTE_STEP
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldm r0, {r1-r11}\n"
      "and lr, r6, #15\n"  // steps that the first, partial, turn of the loop takes
      "mov r0, #56\n"      // bytes of a step
      "adr.w r6, 3f\n"     // right only where the function is aligned
      "mls r6, lr, r0, r6\n"
      "orr r6, r6, #1\n"  // Thumb
      "push {r1-r11}\n"
      "mov r0, r8\n"

      // The first step of four channels starts from their biases.
      "1:\n"
      "ldm r0!, {r2, r3, r7, r9, r11, lr}\n"
      "ldrd r4, r5, [r1], #8\n"
      "smlad r6, r2, r4, r7\n"
      "smlad r7, r2, r5, r7\n"
      "smlad r10, r3, r4, r11\n"
      "smlad r11, r3, r5, r11\n"
      "sxtb16 r2, r2\n"
      "sxtb16 r3, r3\n"
      "smlad r8, r2, r4, r9\n"
      "smlad r9, r2, r5, r9\n"
      "smlad r12, r3, r4, lr\n"
      "smlad lr, r3, r5, lr\n"
      "ldr pc, [sp, #20]\n"

      "2:\n"  //
      MOTE_FOUR_STEPS MOTE_FOUR_STEPS MOTE_FOUR_STEPS MOTE_FOUR_STEPS
      "3:\n"
      "ldr r4, [sp, #16]\n"
      "cmp r1, r4\n"
      "bne 2b\n"

      "sub r6, r6, r8\n"
      "sub r7, r7, r9\n"
      "sub r10, r10, r12\n"
      "sub r11, r11, lr\n"
      "asr r6, r6, #8\n"
      "asr r7, r7, #8\n"
      "asr r10, r10, #8\n"
      "asr r11, r11, #8\n"
      "ldm r0!, {r2-r5}\n"  // multipliers
      "smmlar r8, r8, r2, r8\n"
      "smmlar r9, r9, r2, r9\n"
      "smmlar r6, r6, r3, r6\n"
      "smmlar r7, r7, r3, r7\n"
      "smmlar r12, r12, r4, r12\n"
      "smmlar lr, lr, r4, lr\n"
      "smmlar r10, r10, r5, r10\n"
      "smmlar r11, r11, r5, r11\n"
      "ldr r1, [sp, #24]\n"
      "asrs r1, r1, #1\n"
      "bcc.w 6f\n"
      "4:\n"
      "ldm r0!, {r2-r5}\n"  // powers of two
      "smmlar r8, r8, r2, r1\n"
      "smmlar r9, r9, r2, r1\n"
      "smmlar r6, r6, r3, r1\n"
      "smmlar r7, r7, r3, r1\n"
      "smmlar r12, r12, r4, r1\n"
      "smmlar lr, lr, r4, r1\n"
      "smmlar r10, r10, r5, r1\n"
      "smmlar r11, r11, r5, r1\n"
      "ssat r6, #8, r6\n"
      "ssat r7, #8, r7\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "ssat r10, #8, r10\n"
      "ssat r11, #8, r11\n"
      "ssat r12, #8, r12\n"
      "ssat lr, #8, lr\n"
      "bfi r8, r6, #8, #8\n"
      "bfi r9, r7, #8, #8\n"
      "bfi r8, r12, #16, #8\n"
      "bfi r9, lr, #16, #8\n"
      "bfi r8, r10, #24, #8\n"
      "bfi r9, r11, #24, #8\n"
      "ldm sp, {r1-r4}\n"  // begin, y, y_step, weights_end
      "str r9, [r2, r3]\n"
      "str r8, [r2], #4\n"
      "str r2, [sp, #4]\n"
      "cmp r0, r4\n"
      "bne.w 1b\n"

      "ldr r5, [sp, #32]\n"
      "subs r5, r5, #1\n"
      "beq 5f\n"
      "str r5, [sp, #32]\n"
      "ldrd r5, r6, [sp, #36]\n"  // bytes, y_next
      "add r2, r2, r6\n"
      "add r1, r1, r5\n"
      "strd r1, r2, [sp]\n"
      "add r5, r5, r1\n"
      "ldr r0, [sp, #28]\n"
      "str r5, [sp, #16]\n"
      "b.w 1b\n"
      "5:\n"
      "add sp, sp, #44\n"
      "pop {r4-r11, pc}\n"

      "6:\n"
      "add r6, r6, r6, asr #31\n"
      "add r7, r7, r7, asr #31\n"
      "add r8, r8, r8, asr #31\n"
      "add r9, r9, r9, asr #31\n"
      "add r10, r10, r10, asr #31\n"
      "add r11, r11, r11, asr #31\n"
      "add r12, r12, r12, asr #31\n"
      "add lr, lr, lr, asr #31\n"
      "b.w 4b\n");
#undef MOTE_STEP
#undef MOTE_FOUR_STEPS
}

// The window of an output pixel.
struct Window {
  const std::int8_t* image;
  const std::int8_t* at;  // its first element, which may lie outside
  std::int32_t top, left;
  bool is_row_inside;
};

// Copies a window out of the input, with the zero point where it reaches beyond.
void gather(const Conv2dParams& p, const Window& window, std::int8_t* to) {
  const std::int32_t channels = p.in_c;
  isa::fill_bytes(to, -p.in_offset, p.kernel_h * p.kernel_w * channels);
  // Adjacent columns are copied in one run, [first, end) of the kernel's.
  const std::int32_t runs = p.dilation_w == 1 ? 1 : p.kernel_w;
  const std::int32_t run = p.kernel_w / runs;
  for (std::int32_t j = 0; j < runs; ++j, to += run * channels) {
    const std::int32_t w = window.left + j * p.dilation_w;
    const std::int32_t first = w < 0 ? -w : 0;
    const std::int32_t end = w + run > p.in_w ? p.in_w - w : run;
    if (first >= end) continue;
    std::int8_t* row = to + first * channels;
    for (std::int32_t i = 0, h = window.top; i < p.kernel_h; ++i, h += p.dilation_h, row += p.kernel_w * channels) {
      if (h < 0 || h >= p.in_h) continue;
      isa::copy_bytes(row, window.image + (h * p.in_w + w + first) * channels, (end - first) * channels);
    }
  }
}

// Copies rows of a window in whole words: what is written beyond one row, the next overwrites, and of the last row the
// weights are 0.
void copy_rows(const std::int8_t* from, std::int32_t from_step, std::int32_t rows, std::int32_t row_bytes,
               std::int8_t* to) {
  for (; rows > 0; --rows, from += from_step, to += row_bytes) {
    for (std::int32_t j = 0; j < row_bytes; j += 4) isa::store_word(to + j, isa::load_word(from + j));
  }
}

// Walks over the windows of all output pixels.
class Walk {
 public:
  Walk(const Conv2dParams& p, const std::int8_t* x, std::int8_t* patches)
      : p_(p),
        patches_(patches),
        row_bytes_(p.kernel_w * p.in_c),
        in_step_(p.dilation_h * p.in_w * p.in_c),
        column_step_(p.stride_w * p.in_c),
        left_end_(p.out_w * p.stride_w - p.pad_left),
        right_(p.dilation_w == 1 && p.in_w >= p.kernel_w ? static_cast<std::uint32_t>(p.in_w - p.kernel_w + 1) : 0),
        x_end_(x + p.batches * p.in_h * p.in_w * p.in_c),
        words_(fused_lanes_words(p.kernel_h * row_bytes_)),
        reads_colours_(has_colour_windows(p.kernel_h, row_bytes_)),
        reads_input_(reads_colours_ || row_bytes_ % 4 == 0),
        needs_patches_(gathers_windows(p) || row_bytes_ % 4 != 0) {
    next_.image = x;
    begin_row(-p.pad_top);
  }

  // Widens the window of the next pixel and of the one after it, or the former twice.
  void widen_two(bool are_two, std::uint32_t* panel) {
    Windows windows;
    windows.panel = panel;
    const std::int32_t left = next_.left + p_.stride_w;
    if (are_two && reads_input_ && next_.is_row_inside && left < left_end_ &&
        static_cast<std::uint32_t>(next_.left) < right_ && static_cast<std::uint32_t>(left) < right_) {
      windows.row[0] = next_.at;
      windows.row[1] = next_.at + column_step_;
      next_.left = left;
      next_.at = windows.row[1];
      advance();
      windows.words = row_bytes_ / 4;
      windows.skip = in_step_ - row_bytes_;
      windows.rows = p_.kernel_h;
    } else {  // at the end of a row, alone, or at an edge
      for (int i = 0; i < 2; ++i) {
        std::int8_t* const to = patches_ + i * (words_ * 4 + kFusedLanesOverrun);
        windows.row[i] = needs_patches_ ? to : next_.at;
        if (needs_patches_) patch(next_, to);
        if (are_two || i > 0) advance();
      }
      windows.words = needs_patches_ ? words_ : row_bytes_ / 4;
      windows.skip = needs_patches_ ? 0 : in_step_ - row_bytes_;
      windows.rows = needs_patches_ ? 1 : p_.kernel_h;
    }
    if (reads_colours_) {
      widen_colours(&windows);
    } else {
      widen(&windows);
    }
  }

 private:
  [[nodiscard]] bool is_inside(const Window& w) const {
    return w.is_row_inside && static_cast<std::uint32_t>(w.left) < right_;
  }
  void patch(const Window& w, std::int8_t* to) const {
    if (is_inside(w) && x_end_ - w.at >= (p_.kernel_h - 1) * in_step_ + row_bytes_ + kFusedLanesOverrun) {
      copy_rows(w.at, in_step_, p_.kernel_h, row_bytes_, to);
    } else {
      gather(p_, w, to);
    }
  }
  void begin_row(std::int32_t top) {
    next_.top = top;
    next_.left = -p_.pad_left;
    next_.at = next_.image + (top * p_.in_w + next_.left) * p_.in_c;
    next_.is_row_inside = top >= 0 && top + (p_.kernel_h - 1) * p_.dilation_h < p_.in_h;
  }
  void advance() {
    next_.left += p_.stride_w;
    next_.at += column_step_;
    if (next_.left != left_end_) return;
    if (++row_of_image_ != p_.out_h) return begin_row(next_.top + p_.stride_h);
    row_of_image_ = 0;
    next_.image += p_.in_h * p_.in_w * p_.in_c;
    begin_row(-p_.pad_top);
  }

  const Conv2dParams& p_;
  std::int8_t* patches_;
  std::int32_t row_bytes_;
  std::int32_t in_step_;
  std::int32_t column_step_;
  std::int32_t left_end_;
  std::uint32_t right_;  // windows left of this are inside
  const std::int8_t* x_end_;
  std::int32_t words_;
  bool reads_colours_;
  bool reads_input_;    // where the windows are inside, without copies
  bool needs_patches_;  // for some window; else there is no scratch for them
  Window next_{};
  std::int32_t row_of_image_ = 0;
};

}  // namespace

void conv_2d_s8_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y) {
  const std::int32_t steps = 2 * fused_lanes_words(p.kernel_h * p.kernel_w * p.in_c);
  const std::int32_t twos = panel_twos(p);
  auto* const panel = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  auto* const patches = static_cast<std::int8_t*>(static_cast<void*>(scratch + twos * steps * 8));
  const std::int32_t total = p.batches * p.out_h * p.out_w;
  const std::int32_t quads = p.out_c / 4;
  const std::int32_t rest = p.out_c % 4;

  Panel out{};
  out.more_steps = steps - 1;
  out.twice_offset = 2 * p.out_offset + (p.clamp_min >= p.out_offset ? 1 : 0);
  out.bytes = steps * 8;
  const std::int32_t* const last_quad = packed + quads * fused_lanes_quad_words(steps);

  const bool is_pointwise = reads_pixels(p);
  Walk walk(p, x, patches);
  for (std::int32_t q = 0; q < total;) {
    std::int32_t pixels = total - q < 2 * twos ? total - q : 2 * twos;
    if (pixels > 1) pixels &= ~1;
    out.twos = (pixels + 1) / 2;
    if (is_pointwise) {  // each pixel is its own window
      const std::int8_t* const first = x + q * p.in_c;
      const Windows windows{{first, pixels > 1 ? first + p.in_c : first}, panel, p.in_c / 4, p.in_c, out.twos};
      widen(&windows);
    } else {
      for (std::int32_t i = 0; i < pixels; i += 2) walk.widen_two(i + 1 < pixels, panel + i * steps);
    }
    out.begin = panel;
    out.end = panel + steps * 2;
    if (quads > 0) {
      out.y = y + q * p.out_c;
      out.y_step = pixels == 1 ? 0 : p.out_c;
      out.y_next = 2 * out.y_step - 4 * quads;
      out.weights = packed;
      out.weights_end = last_quad;
      multiply(&out);
    }
    if (rest > 0) {                                           // padded to four channels
      alignas(4) std::int8_t last[8 * kFusedLanesTwos] = {};  // filled by assembly, which no checker sees
      out.y = last;
      out.y_step = 4;
      out.y_next = 4;
      out.weights = last_quad;
      out.weights_end = last_quad + fused_lanes_quad_words(steps);
      multiply(&out);
      std::int8_t* to = y + q * p.out_c + 4 * quads;
      for (std::int32_t i = 0; i < pixels; ++i, to += p.out_c) isa::copy_bytes(to, last + 4 * i, rest);
    }
    q += pixels;
  }
  isa::narrow_clamp(y, total * p.out_c, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
