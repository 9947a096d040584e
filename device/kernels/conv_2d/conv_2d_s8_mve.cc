// int8 convolution for MVE: six vectors of input are held in registers while the weights of all output channels pass
// by, a pair of channels at a time; the sums wait in memory, where four channels at a time are requantised.
#include "device/isa/mve.h"
#include "device/kernels/conv_2d/conv_2d.h"

namespace mote::kernels {
namespace {

// What the functions below read, for two to six pixels of a line. They use up `channels` and move `y` by as many.
struct Panel {
  const std::int8_t* const* table;  //  0: where the steps of the line's first window lie
  std::int32_t turns;               //  4: of the steps, `held` at a time
  std::int32_t* sums;               //  8: [channels][pixels]
  const std::int32_t* packed;       // 12: the first block
  std::int32_t channels;            // 16: of this block and those after
  std::int32_t now;                 // 20: of this block
  std::int32_t out_offset;          // 24
  std::int32_t clamp_min;           // 28
  std::int32_t clamp_max;           // 32
  std::int32_t rectified;           // 36: negative results are clamped away, so rounding need not mind their sign
  std::int32_t lane[4];             // 40: bytes from the sums of one channel to its own and the next three's
  std::int32_t offset;              // 56: from the table's addresses to the first pixel's
  std::int32_t step;                // 60: from pixel to pixel
  std::int8_t* y;                   // 64: of the first pixel
  std::int32_t y_step;              // 68
};

// clang-format off

// q0-q5 inputs  q6, q7 weights  r0, r2, r4, r6, r8, r10 sums, of a pair of channels or of six pixels  r1 weights
// r3 where sums wait  r5 table  r7 turns left  r9 pairs of channels  r11 the panel
// HOLD loads the inputs; FIRST_PAIR sums the products of the first turn, NEXT_PAIR adds those of the others.
#define MOTE_MULTIPLY(HOLD, FIRST_PAIR, NEXT_PAIR) \
  "push {r4-r11, lr}\n"                            \
  "vpush {d8-d15}\n"                               \
  "mov r11, r0\n"                                  \
  "ldrd r1, r9, [r11, #12]\n"                      \
  "1:\n"                                           \
  "cmp r9, #64\n"                                  \
  "it gt\n"                                        \
  "movgt r9, #64\n"                                \
  "str r9, [r11, #20]\n"                           \
  "add r9, r9, #1\n"                               \
  "lsr r9, r9, #1\n"                               \
  "ldrd r5, r7, [r11]\n"                           \
  "ldr r3, [r11, #8]\n"                            \
  HOLD                                             \
  "dls lr, r9\n"                                   \
  "2:\n"                                           \
  FIRST_PAIR                                       \
  "le lr, 2b\n"                                    \
  "b 5f\n"                                         \
  "3:\n"                                           \
  "ldr r3, [r11, #8]\n"                            \
  HOLD                                             \
  "dls lr, r9\n"                                   \
  "4:\n"                                           \
  NEXT_PAIR                                        \
  "le lr, 4b\n"                                    \
  "5:\n"                                           \
  "subs r7, r7, #1\n"                              \
  "bne 3b\n"

// r0-r5 y, of which Y makes those beyond r0  r8 packed  r9 out_offset  r10 bytes of four channels' sums  q0 biases  q1 multipliers  q2 shifts
// q5, q6 clamps  q7 addresses of four channels' sums
// RESULTS does all pixels of four channels, MIND being what rounds ties away from zero.
#define MOTE_FINISH(Y, BYTES, RESULTS)  \
  "mov r8, r1\n"                        \
  "add r12, r11, #40\n"                 \
  "ldr r0, [r11, #8]\n"                 \
  "vldrw.u32 q7, [r12]\n"               \
  "vadd.i32 q7, q7, r0\n"               \
  "ldrd r9, r0, [r11, #24]\n"           \
  "ldrd r1, r6, [r11, #32]\n"           \
  "vdup.32 q5, r0\n"                    \
  "vdup.32 q6, r1\n"                    \
  "mov r10, #" BYTES "\n"               \
  "ldr r7, [r11, #20]\n"                \
  "cmp r6, #0\n"                        \
  "ldrd r0, r6, [r11, #64]\n"           \
  Y                                     \
  "dlstp.32 lr, r7\n"                   \
  "beq.w 7f\n"                          \
  "6:\n"                                \
  MOTE_PARAMETERS                       \
  RESULTS("")                           \
  "vadd.i32 q7, q7, r10\n"              \
  "letp lr, 6b\n"                       \
  "b 8f\n"                              \
  "7:\n"                                \
  MOTE_PARAMETERS                       \
  RESULTS(MOTE_MIND_SIGN)               \
  "vadd.i32 q7, q7, r10\n"              \
  "letp lr, 7b\n"                       \
  "8:\n"                                \
  "str r0, [r11, #64]\n"                \
  "mov r1, r8\n"                        \
  "ldrd r9, r0, [r11, #16]\n"           \
  "subs r9, r9, r0\n"                   \
  "str r9, [r11, #16]\n"                \
  "bne.w 1b\n"                          \
  "vpop {d8-d15}\n"                     \
  "pop {r4-r11, pc}\n"

#define MOTE_PARAMETERS       \
  "vldrw.u32 q0, [r8], #16\n" \
  "vldrw.u32 q1, [r8], #16\n" \
  "vldrw.u32 q2, [r8], #16\n"

// One less where negative.
#define MOTE_MIND_SIGN     \
  "vshr.s32 q4, q3, #31\n" \
  "vadd.i32 q3, q3, q4\n"

#define MOTE_RESULT(Y, AT, MIND)  \
  "vldrw.u32 q3, [q7, #" AT "]\n" \
  "vadd.i32 q3, q3, q0\n"         \
  "vqrdmulh.s32 q3, q3, q1\n"     \
  MIND                            \
  "vrshl.s32 q3, q3, q2\n"        \
  "vadd.i32 q3, q3, r9\n"         \
  "vmax.s32 q3, q3, q5\n"         \
  "vmin.s32 q3, q3, q6\n"         \
  "vstrb.32 q3, [" Y "], #4\n"

#define MOTE_RESULTS_OF_2(MIND) MOTE_RESULT("r0", "0", MIND) MOTE_RESULT("r1", "4", MIND)
#define MOTE_RESULTS_OF_3(MIND) MOTE_RESULTS_OF_2(MIND) MOTE_RESULT("r2", "8", MIND)
#define MOTE_RESULTS_OF_6(MIND) \
  MOTE_RESULTS_OF_3(MIND)       \
  MOTE_RESULT("r3", "12", MIND) \
  MOTE_RESULT("r4", "16", MIND) \
  MOTE_RESULT("r5", "20", MIND)

#define MOTE_Y_OF_2 "add r1, r0, r6\n"
#define MOTE_Y_OF_3 MOTE_Y_OF_2 "add r2, r1, r6\n"
#define MOTE_Y_OF_6 MOTE_Y_OF_3 "add r3, r2, r6\n" "add r4, r3, r6\n" "add r5, r4, r6\n"

#define MOTE_LOAD_SUMS "ldm r3, {r0, r2, r4, r6, r8, r10}\n"
#define MOTE_STORE_SUMS "stm r3!, {r0, r2, r4, r6, r8, r10}\n"

// Six pixels, one vector of each: 19 instructions for 12 vectors of products.
#define MOTE_HOLD_6            \
  "ldr r12, [r5], #4\n"        \
  "ldrd r0, lr, [r11, #56]\n"  \
  "add r0, r0, r12\n"          \
  "vldrb.u8 q0, [r0]\n"        \
  "add r2, r0, lr\n"           \
  "vldrb.u8 q1, [r2]\n"        \
  "add r4, r2, lr\n"           \
  "vldrb.u8 q2, [r4]\n"        \
  "add r6, r4, lr\n"           \
  "vldrb.u8 q3, [r6]\n"        \
  "add r8, r6, lr\n"           \
  "vldrb.u8 q4, [r8]\n"        \
  "add r10, r8, lr\n"          \
  "vldrb.u8 q5, [r10]\n"
#define MOTE_CHANNEL_6(ADD, WEIGHTS)     \
  ADD ".s8 r0, q0, " WEIGHTS "\n"        \
  ADD ".s8 r2, q1, " WEIGHTS "\n"        \
  ADD ".s8 r4, q2, " WEIGHTS "\n"        \
  ADD ".s8 r6, q3, " WEIGHTS "\n"        \
  ADD ".s8 r8, q4, " WEIGHTS "\n"        \
  ADD ".s8 r10, q5, " WEIGHTS "\n"
#define MOTE_PAIR_6(ADD, LOAD_SUMS) \
  "vldrb.u8 q6, [r1], #32\n"        \
  LOAD_SUMS                         \
  MOTE_CHANNEL_6(ADD, "q6")         \
  MOTE_STORE_SUMS                   \
  "vldrb.u8 q7, [r1, #-16]\n"       \
  LOAD_SUMS                         \
  MOTE_CHANNEL_6(ADD, "q7")         \
  MOTE_STORE_SUMS

[[gnu::naked, gnu::noinline]] void multiply_6(Panel*) {
  asm volatile(MOTE_MULTIPLY(MOTE_HOLD_6, MOTE_PAIR_6("vmladav", ""), MOTE_PAIR_6("vmladava", MOTE_LOAD_SUMS))
               MOTE_FINISH(MOTE_Y_OF_6, "96", MOTE_RESULTS_OF_6));
}

// Three pixels, two vectors of each: 19 instructions for 12 vectors of products.
#define MOTE_HOLD_3            \
  "ldrd r0, r2, [r5], #8\n"    \
  "ldrd r4, r6, [r11, #56]\n"  \
  "add r0, r0, r4\n"           \
  "vldrb.u8 q0, [r0]\n"        \
  "add r2, r2, r4\n"           \
  "vldrb.u8 q1, [r2]\n"        \
  "add r0, r0, r6\n"           \
  "vldrb.u8 q2, [r0]\n"        \
  "add r2, r2, r6\n"           \
  "vldrb.u8 q3, [r2]\n"        \
  "add r0, r0, r6\n"           \
  "vldrb.u8 q4, [r0]\n"        \
  "add r2, r2, r6\n"           \
  "vldrb.u8 q5, [r2]\n"
#define MOTE_PAIR_3(ADD, LOAD_SUMS) \
  "vldrb.u8 q6, [r1], #64\n"        \
  LOAD_SUMS                         \
  ADD ".s8 r0, q0, q6\n"            \
  "vldrb.u8 q7, [r1, #-48]\n"       \
  ADD ".s8 r2, q2, q6\n"            \
  ADD ".s8 r4, q4, q6\n"            \
  "vldrb.u8 q6, [r1, #-32]\n"       \
  "vmladava.s8 r0, q1, q7\n"        \
  "vmladava.s8 r2, q3, q7\n"        \
  "vmladava.s8 r4, q5, q7\n"        \
  "vldrb.u8 q7, [r1, #-16]\n"       \
  ADD ".s8 r6, q0, q6\n"            \
  ADD ".s8 r8, q2, q6\n"            \
  ADD ".s8 r10, q4, q6\n"           \
  "vmladava.s8 r6, q1, q7\n"        \
  "vmladava.s8 r8, q3, q7\n"        \
  "vmladava.s8 r10, q5, q7\n"       \
  MOTE_STORE_SUMS

[[gnu::naked, gnu::noinline]] void multiply_3(Panel*) {
  asm volatile(MOTE_MULTIPLY(MOTE_HOLD_3, MOTE_PAIR_3("vmladav", ""), MOTE_PAIR_3("vmladava", MOTE_LOAD_SUMS))
               MOTE_FINISH(MOTE_Y_OF_3, "48", MOTE_RESULTS_OF_3));
}

// Two pixels, three vectors of each: 21 instructions for 12 vectors of products.
#define MOTE_HOLD_2            \
  "ldm r5!, {r0, r2, r8}\n"    \
  "ldrd r4, r6, [r11, #56]\n"  \
  "add r0, r0, r4\n"           \
  "vldrb.u8 q0, [r0]\n"        \
  "add r2, r2, r4\n"           \
  "vldrb.u8 q1, [r2]\n"        \
  "add r8, r8, r4\n"           \
  "vldrb.u8 q2, [r8]\n"        \
  "add r0, r0, r6\n"           \
  "vldrb.u8 q3, [r0]\n"        \
  "add r2, r2, r6\n"           \
  "vldrb.u8 q4, [r2]\n"        \
  "add r8, r8, r6\n"           \
  "vldrb.u8 q5, [r8]\n"
#define MOTE_PAIR_2(ADD, LOAD_SUMS) \
  "vldrb.u8 q6, [r1], #96\n"        \
  LOAD_SUMS                         \
  "vldrb.u8 q7, [r1, #-80]\n"       \
  ADD ".s8 r0, q0, q6\n"            \
  ADD ".s8 r2, q3, q6\n"            \
  "vldrb.u8 q6, [r1, #-64]\n"       \
  "vmladava.s8 r0, q1, q7\n"        \
  "vmladava.s8 r2, q4, q7\n"        \
  "vldrb.u8 q7, [r1, #-48]\n"       \
  "vmladava.s8 r0, q2, q6\n"        \
  "vmladava.s8 r2, q5, q6\n"        \
  "vldrb.u8 q6, [r1, #-32]\n"       \
  ADD ".s8 r4, q0, q7\n"            \
  ADD ".s8 r6, q3, q7\n"            \
  "vldrb.u8 q7, [r1, #-16]\n"       \
  "vmladava.s8 r4, q1, q6\n"        \
  "vmladava.s8 r6, q4, q6\n"        \
  "vmladava.s8 r4, q2, q7\n"        \
  "vmladava.s8 r6, q5, q7\n"        \
  "stm r3!, {r0, r2, r4, r6}\n"

[[gnu::naked, gnu::noinline]] void multiply_2(Panel*) {
  asm volatile(MOTE_MULTIPLY(MOTE_HOLD_2, MOTE_PAIR_2("vmladav", ""), MOTE_PAIR_2("vmladava", "ldm r3, {r0, r2, r4, r6}\n"))
               MOTE_FINISH(MOTE_Y_OF_2, "32", MOTE_RESULTS_OF_2));
}

// Copies `rows` runs of up to 16 bytes, `offset` bytes after where each begins, one after the other. Seven instructions a
// run.
[[gnu::naked, gnu::noinline]] void copy_short_rows(const std::int8_t* const* /*row*/, std::int32_t /*rows*/,
                                                   std::int32_t /*bytes*/, std::int8_t* /*to*/,
                                                   std::int32_t /*offset*/) {
  asm volatile(
      "push {r4, lr}\n"
      "ldr r4, [sp, #8]\n"
      "vctp.8 r2\n"
      "dls lr, r1\n"
      "1:\n"
      "ldr r12, [r0], #4\n"
      "add r12, r12, r4\n"
      "vpstt\n"
      "vldrbt.u8 q0, [r12]\n"
      "vstrbt.8 q0, [r3]\n"
      "add r3, r3, r2\n"
      "le lr, 1b\n"
      "pop {r4, pc}\n");
}

// clang-format on

// The rows of an image with their padding: the input's own, or where windows reach outside, copies in a ring.
class Rows {
 public:
  Rows(const Conv2dParams& p, std::int8_t* room) : p_(p), room_(room), copies_(reaches_outside(p)) {
    if (!copies_) return;
    const std::int32_t columns = padded_columns(p);
    row_bytes_ = columns * p.in_c;
    slots_ = padded_rows(p);
    left_ = p.pad_left * p.in_c;
    const std::int32_t inside = columns - p.pad_left < p.in_w ? columns - p.pad_left : p.in_w;
    inside_ = inside < 0 ? 0 : inside * p.in_c;
    isa::fill_bytes_by_16(room_, -p.in_offset, slots_ * row_bytes_);
  }

  [[nodiscard]] bool copies() const { return copies_; }

  void begin_image() { next_ = -p_.pad_top; }

  // Where row `wanted` begins, padding included. The rows of a window are asked for downwards, `top` being its first.
  const std::int8_t* row(const std::int8_t* image, std::int32_t top, std::int32_t wanted) {
    if (!copies_) return image + wanted * p_.in_w * p_.in_c;
    if (next_ < top) next_ = top;
    for (; next_ <= wanted; ++next_) {
      std::int8_t* const to = slot(next_) + left_;
      if (next_ < 0 || next_ >= p_.in_h) {
        isa::fill_bytes_by_16(to, -p_.in_offset, inside_);
      } else {
        isa::copy_bytes_by_16(to, image + next_ * p_.in_w * p_.in_c, inside_);
      }
    }
    return slot(wanted);
  }

 private:
  [[nodiscard]] std::int8_t* slot(std::int32_t row) const { return room_ + (row + p_.pad_top) % slots_ * row_bytes_; }

  const Conv2dParams& p_;
  std::int8_t* room_;
  bool copies_;
  std::int32_t row_bytes_ = 0;
  std::int32_t slots_ = 0;
  std::int32_t left_ = 0;
  std::int32_t inside_ = 0;
  std::int32_t next_ = 0;
};

// Copies a window, `gap` bytes between its rows.
void copy_window(const Conv2dParams& p, const std::int8_t* const* row, std::int32_t offset, std::int32_t gap,
                 std::int8_t* to) {
  const std::int32_t row_bytes = p.kernel_w * p.in_c;
  if (p.dilation_w == 1 && row_bytes <= 16 && gap == 0) {
    copy_short_rows(row, p.kernel_h, row_bytes, to, offset);
    return;
  }
  const std::int32_t runs = p.dilation_w == 1 ? 1 : p.kernel_w;
  const std::int32_t run_bytes = p.dilation_w == 1 ? row_bytes : p.in_c;
  for (std::int32_t i = 0; i < p.kernel_h; ++i, to += gap) {
    const std::int8_t* from = row[i] + offset;
    for (std::int32_t j = 0; j < runs; ++j, to += run_bytes, from += p.dilation_w * p.in_c) {
      isa::copy_bytes_by_16(to, from, run_bytes);
    }
  }
}

// A pointwise layer is one long line of pixels.
Conv2dParams straightened(const Conv2dParams& p) {
  Conv2dParams out = p;
  if (p.kernel_h != 1 || p.kernel_w != 1 || p.stride_h != 1 || p.stride_w != 1 || reaches_outside(p)) return out;
  out.in_w = out.out_w = p.batches * p.out_h * p.out_w;
  out.batches = out.in_h = out.out_h = 1;
  return out;
}

}  // namespace

void conv_2d_s8_mve(const Conv2dParams& params, const std::int8_t* x, const std::int32_t* packed, std::uint8_t* scratch,
                    std::int8_t* y) {
  const VectorPanels panels{packed[0], 6 / packed[0], packed[1], packed[2], packed[3] != 0};
  const VectorPanelScratch places = vector_panel_scratch(params, panels);
  const Conv2dParams p = straightened(params);
  auto* const table = static_cast<const std::int8_t**>(static_cast<void*>(scratch + places.table));
  auto* const row = static_cast<const std::int8_t**>(static_cast<void*>(scratch + places.rows));
  auto* const windows = static_cast<std::int8_t*>(static_cast<void*>(scratch + places.windows));
  const std::int32_t pixels = panels.pixels;
  const std::int32_t row_bytes = panels.row_steps * 16;
  const std::int32_t window_bytes = panels.flat ? row_bytes : p.kernel_h * row_bytes;
  const std::int32_t gap = panels.flat ? 0 : row_bytes - p.kernel_w * p.in_c;
  auto* const multiply = pixels == 6 ? multiply_6 : pixels == 3 ? multiply_3 : multiply_2;
  Rows rows(p, static_cast<std::int8_t*>(static_cast<void*>(scratch + places.ring)));

  Panel panel{};
  panel.table = table;
  panel.turns = panels.steps / panels.held;
  panel.sums = static_cast<std::int32_t*>(static_cast<void*>(scratch));
  panel.packed = packed + kVectorPanelHeader;
  panel.out_offset = p.out_offset;
  panel.clamp_min = p.clamp_min;
  panel.clamp_max = p.clamp_max;
  panel.rectified = p.clamp_min >= p.out_offset ? 1 : 0;
  for (std::int32_t i = 0; i < 4; ++i) panel.lane[i] = i * pixels * 4;
  // In a line that is too short each pixel is computed several times over.
  const std::int32_t group = p.out_w < pixels ? 1 : pixels;
  const std::int32_t step = p.stride_w * p.in_c;
  panel.y_step = group == 1 ? 0 : p.out_c;

  // Lists the steps of windows that begin in `from`, one row or all as one; steps beyond the last meet weights of zero.
  const auto list = [&](const std::int8_t* const* from, std::int32_t count) {
    const std::int8_t** to = table;
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int8_t* at = from[i];
      for (std::int32_t s = 0; s < panels.row_steps; ++s, at += 16) *to++ = at;
    }
    while (to != table + panels.steps) *to++ = table[0];
  };
  const auto list_copies = [&] {
    const std::int8_t** to = table;
    for (const std::int8_t* at = windows; at != windows + window_bytes; at += 16) *to++ = at;
    while (to != table + panels.steps) *to++ = table[0];
  };
  if (panels.flat) list_copies();

  const std::int32_t image_bytes = p.in_h * p.in_w * p.in_c;
  const std::int8_t* const x_end = x + p.batches * image_bytes;
  for (std::int32_t n = 0; n < p.batches; ++n, x += image_bytes) {
    rows.begin_image();
    for (std::int32_t oh = 0; oh < p.out_h; ++oh, y += p.out_w * p.out_c) {
      const std::int32_t top = oh * p.stride_h - p.pad_top;
      for (std::int32_t i = 0; i < p.kernel_h; ++i) row[i] = rows.row(x, top, top + i * p.dilation_h);
      // How far the offset of a pixel may go until a vector could reach beyond the input.
      std::int32_t last = -1;
      if (!panels.flat) {
        list(row, p.kernel_h);
        const std::int8_t* const end = row[p.kernel_h - 1] + row_bytes;
        last = rows.copies() ? p.out_w * step : static_cast<std::int32_t>(x_end - end);
      }
      for (std::int32_t ow = 0; ow < p.out_w; ow += group) {
        if (ow + group > p.out_w) ow = p.out_w - group;  // takes in pixels that are already done
        panel.offset = ow * step;
        panel.step = group == 1 ? 0 : step;
        if (panel.offset + (group - 1) * step > last) {
          for (std::int32_t i = 0; i < group; ++i) {
            copy_window(p, row, panel.offset + i * step, gap, windows + i * window_bytes);
          }
          if (!panels.flat) list_copies();
          panel.offset = 0;
          panel.step = group == 1 ? 0 : window_bytes;
        }
        panel.y = y + ow * p.out_c;
        panel.channels = p.out_c;
        multiply(&panel);
      }
    }
  }
}

}  // namespace mote::kernels
