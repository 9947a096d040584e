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

// What multiply() reads; it works on a copy on its stack, at the same offsets.
struct Panel {
  const std::uint32_t* end;         //  0: of the current two pixels
  const std::uint32_t* begin;       //  4
  std::int8_t* y;                   //  8: the first of them, current channel
  std::int32_t y_step;              // 12: from the first to the second
  const std::int32_t* weights_end;  // 16
  std::int32_t more_steps;          // 20: beyond the first; then where the loop is entered
  std::int32_t out_offset;          // 24
  std::int32_t rectified;           // 28: negative results are clamped away, so rounding need not mind their sign
  const std::int32_t* weights;      // 32
  std::int32_t twos;                // 36: how many times two pixels, >= 1
  std::int32_t bytes;               // 40: of the panel of two
  std::int32_t y_next;              // 44: from the end of the channels to the first channel of the next two
};

// y[pixels][channels] from packed weights, four channels A, B, C, D at a time. The accumulators of a pixel are A +
// 256*B and A, both exact modulo 2^32, and the same of C and D; B in 24 bits is their difference shifted down. 12
// instructions for the 16 products of a step:
//   r2, r3 lanes of A + 256*B and of C + 256*D, then of A and of C   r4, r5 lanes of the two pixels
//   r6, r7 sums of A + 256*B  r8, r9 of A  r10, r11 of C + 256*D  r12, lr of C   r0 weights  r1 panel
[[gnu::naked, gnu::noinline, gnu::aligned(4)]] void multiply(const Panel*) {
#define MOTE_STEP            \
  "ldrd r2, r3, [r0], #8\n"  \
  "ldrd r4, r5, [r1], #8\n"  \
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
      "ldm r0, {r1-r12}\n"
      "and lr, r6, #15\n"  // steps that the first, partial, turn of the loop takes
      "mov r0, #48\n"      // bytes of a step
      "adr.w r6, 3f\n"     // right only where the function is aligned
      "mls r6, lr, r0, r6\n"
      "orr r6, r6, #1\n"  // Thumb
      "push {r1-r12}\n"
      "mov r0, r9\n"

      // The first step of four channels starts from their biases.
      "1:\n"
      "ldr r1, [sp, #4]\n"
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
      "ldr r4, [sp]\n"
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
      "ldrd r1, r2, [sp, #24]\n"  // out_offset, rectified
      "cbnz r2, 4f\n"
      "add r6, r6, r6, asr #31\n"
      "add r7, r7, r7, asr #31\n"
      "add r8, r8, r8, asr #31\n"
      "add r9, r9, r9, asr #31\n"
      "add r10, r10, r10, asr #31\n"
      "add r11, r11, r11, asr #31\n"
      "add r12, r12, r12, asr #31\n"
      "add lr, lr, lr, asr #31\n"
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
      "ldrd r2, r3, [sp, #8]\n"  // y, y_step
      "str r9, [r2, r3]\n"
      "str r8, [r2], #4\n"
      "str r2, [sp, #8]\n"
      "ldr r4, [sp, #16]\n"
      "cmp r0, r4\n"
      "bne.w 1b\n"

      "ldr r5, [sp, #36]\n"
      "subs r5, r5, #1\n"
      "beq 5f\n"
      "str r5, [sp, #36]\n"
      "ldrd r5, r6, [sp, #40]\n"  // bytes, y_next
      "ldrd r3, r4, [sp]\n"
      "add r3, r3, r5\n"
      "add r4, r4, r5\n"
      "add r2, r2, r6\n"
      "strd r3, r4, [sp]\n"
      "ldr r0, [sp, #32]\n"
      "str r2, [sp, #8]\n"
      "b.w 1b\n"
      "5:\n"
      "add sp, sp, #48\n"
      "pop {r4-r11, pc}\n");
#undef MOTE_STEP
#undef MOTE_FOUR_STEPS
}

// The window of an output pixel.
struct Window {
  const std::int8_t* image;
  std::int32_t top, left;
};

// Copies a window out of the input, with the zero point where it reaches beyond.
void gather(const Conv2dParams& p, const Window& window, std::int8_t* to) {
  const std::int32_t channels = p.in_c;
  // Adjacent columns are copied in one run, [first, end) of the kernel's.
  const std::int32_t runs = p.dilation_w == 1 ? 1 : p.kernel_w;
  const std::int32_t run = p.kernel_w / runs;
  for (std::int32_t i = 0; i < p.kernel_h; ++i) {
    const std::int32_t h = window.top + i * p.dilation_h;
    const bool is_row = h >= 0 && h < p.in_h;
    for (std::int32_t j = 0; j < runs; ++j, to += run * channels) {
      const std::int32_t w = window.left + j * p.dilation_w;
      const std::int32_t first = w < 0 ? (w < -run ? run : -w) : 0;
      const std::int32_t end = w + run > p.in_w ? (w > p.in_w ? 0 : p.in_w - w) : run;
      if (!is_row || first >= end) {
        isa::fill_bytes(to, -p.in_offset, run * channels);
        continue;
      }
      isa::fill_bytes(to, -p.in_offset, first * channels);
      isa::copy_bytes(to + first * channels, window.image + (h * p.in_w + w + first) * channels,
                      (end - first) * channels);
      isa::fill_bytes(to + end * channels, -p.in_offset, (run - end) * channels);
    }
  }
}

// Copies rows of a window in whole words: what is written beyond one row, the next overwrites, and of the last row the
// weights are 0.
void copy_rows(const std::int8_t* from, std::int32_t from_step, std::int32_t rows, std::int32_t row_bytes,
               std::int8_t* to) {
  if (row_bytes > 8 && row_bytes <= 12) {  // three pixels of three colours
    for (; rows > 0; --rows, from += from_step, to += row_bytes) {
      const std::uint32_t a = isa::load_word(from);
      const std::uint32_t b = isa::load_word(from + 4);
      const std::uint32_t c = isa::load_word(from + 8);
      isa::store_word(to, a);
      isa::store_word(to + 4, b);
      isa::store_word(to + 8, c);
    }
    return;
  }
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
        left_end_(p.out_w * p.stride_w - p.pad_left),
        bottom_(p.in_h - (p.kernel_h - 1) * p.dilation_h),
        right_(p.dilation_w == 1 ? p.in_w - p.kernel_w + 1 : -p.pad_left),
        x_end_(x + p.batches * p.in_h * p.in_w * p.in_c),
        gathers_(gathers_windows(p)),
        words_(fused_lanes_words(p.kernel_h * row_bytes_)),
        next_{x, -p.pad_top, -p.pad_left} {}

  // Widens the window of the next pixel and of the one after it, or the former twice.
  void widen_two(bool are_two, std::uint32_t* panel) {
    const Window first = next_;
    advance();
    const Window second = are_two ? next_ : first;
    if (are_two) advance();
    Windows windows;
    windows.row[0] = start_of(first);
    windows.row[1] = start_of(second);
    windows.panel = panel;
    const bool are_inside = !gathers_ || (is_inside(first) && is_inside(second));
    if (are_inside && row_bytes_ % 4 == 0) {
      windows.words = row_bytes_ / 4;
      windows.skip = in_step_ - row_bytes_;
      windows.rows = p_.kernel_h;
    } else {
      patch(first, are_inside, patches_);
      patch(second, are_inside, patches_ + words_ * 4 + kFusedLanesOverrun);
      windows.row[0] = patches_;
      windows.row[1] = patches_ + words_ * 4 + kFusedLanesOverrun;
      windows.words = words_;
      windows.skip = 0;
      windows.rows = 1;
    }
    widen(&windows);
  }

 private:
  [[nodiscard]] const std::int8_t* start_of(const Window& w) const {
    return w.image + (w.top * p_.in_w + w.left) * p_.in_c;
  }
  [[nodiscard]] bool is_inside(const Window& w) const {
    return w.top >= 0 && w.left >= 0 && w.top < bottom_ && w.left < right_;
  }
  void patch(const Window& w, bool is_inside, std::int8_t* to) const {
    const std::int8_t* const from = start_of(w);
    if (is_inside && x_end_ - from >= (p_.kernel_h - 1) * in_step_ + row_bytes_ + kFusedLanesOverrun) {
      copy_rows(from, in_step_, p_.kernel_h, row_bytes_, to);
    } else {
      gather(p_, w, to);
    }
  }
  void advance() {
    next_.left += p_.stride_w;
    if (next_.left != left_end_) return;
    next_.left = -p_.pad_left;
    next_.top += p_.stride_h;
    if (++row_of_image_ != p_.out_h) return;
    row_of_image_ = 0;
    next_.top = -p_.pad_top;
    next_.image += p_.in_h * p_.in_w * p_.in_c;
  }

  const Conv2dParams& p_;
  std::int8_t* patches_;
  std::int32_t row_bytes_;
  std::int32_t in_step_;
  std::int32_t left_end_;
  std::int32_t bottom_;  // tops below this are inside
  std::int32_t right_;
  const std::int8_t* x_end_;
  bool gathers_;
  std::int32_t words_;
  Window next_;
  std::int32_t row_of_image_ = 0;
};

// Widens adjacent pixels that are their own windows, two at a time.
void widen_pixels(const std::int8_t* x, std::int32_t channels, std::int32_t pixels, std::uint32_t* panel) {
  for (std::int32_t i = 0; i < pixels; i += 2, x += 2 * channels, panel += channels) {
    const Windows windows{{x, i + 1 < pixels ? x + channels : x}, panel, channels / 4, 0, 1};
    widen(&windows);
  }
}

}  // namespace

void conv_2d_s8_armv7em(const Conv2dParams& p, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                        std::int8_t* y) {
  constexpr std::int32_t kMaxTwos = kFusedLanesTwos;
  const std::int32_t steps = 2 * fused_lanes_words(p.kernel_h * p.kernel_w * p.in_c);
  const std::int32_t twos = panel_twos(p);
  auto* const panel = static_cast<std::uint32_t*>(static_cast<void*>(scratch));
  auto* const patches = static_cast<std::int8_t*>(static_cast<void*>(scratch + twos * steps * 8));
  const std::int32_t total = p.batches * p.out_h * p.out_w;
  const std::int32_t quads = p.out_c / 4;
  const std::int32_t rest = p.out_c % 4;

  Panel out{};
  out.end = panel + steps * 2;
  out.begin = panel;
  out.more_steps = steps - 1;
  out.out_offset = p.out_offset;
  out.rectified = p.clamp_min >= p.out_offset ? 1 : 0;
  out.bytes = steps * 8;
  const std::int32_t* const last_quad = packed + quads * fused_lanes_quad_words(steps);

  const bool is_pointwise = reads_pixels(p);
  Walk walk(p, x, patches);
  for (std::int32_t q = 0; q < total;) {
    std::int32_t pixels = total - q < 2 * twos ? total - q : 2 * twos;
    if (pixels > 1) pixels &= ~1;
    if (is_pointwise) {
      widen_pixels(x + q * p.in_c, p.in_c, pixels, panel);
    } else {
      for (std::int32_t i = 0; i < pixels; i += 2) walk.widen_two(i + 1 < pixels, panel + i * steps);
    }
    out.twos = (pixels + 1) / 2;
    if (quads > 0) {
      out.y = y + q * p.out_c;
      out.y_step = pixels == 1 ? 0 : p.out_c;
      out.y_next = 2 * out.y_step - 4 * quads;
      out.weights = packed;
      out.weights_end = last_quad;
      multiply(&out);
    }
    if (rest > 0) {                                    // padded to four channels
      alignas(4) std::int8_t last[8 * kMaxTwos] = {};  // filled by assembly, which no checker sees
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
