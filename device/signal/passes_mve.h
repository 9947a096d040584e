// Passes of the Fourier transform and the real split in Helium, four butterflies at a time; the portable bits.
#pragma once

#include <arm_mve.h>

#include <cstdint>

#include "device/signal/butterfly.h"
#include "device/signal/passes_portable.h"

namespace mote::signal {

// The first pass of a transform of 4^n elements. Four butterflies lie 32 bytes apart.
inline void first_pass(std::int32_t* y, const std::int32_t* end) {
  const uint32x4_t apart = vmulq_n_u32(vidupq_n_u32(0, 1), 32);
  const auto load_at = [&](const std::int32_t* at) { return vldrwq_gather_offset_s32(at, apart); };
  const auto store_at = [&](std::int32_t* at, int32x4_t x) { vstrwq_scatter_offset_s32(at, apart, x); };
  for (std::int32_t* at = y; at < end; at += 32) {
    for (std::int32_t i = 0; i < 2; ++i) {  // sums and differences, real parts, then imaginary ones
      const int32x4_t a = load_at(at + i);
      const int32x4_t b = load_at(at + 2 + i);
      const int32x4_t c = load_at(at + 4 + i);
      const int32x4_t d = load_at(at + 6 + i);
      const int32x4_t even_sum = vaddq_s32(a, b);
      const int32x4_t odd_sum = vaddq_s32(c, d);
      store_at(at + i, vaddq_s32(even_sum, odd_sum));
      store_at(at + 4 + i, vsubq_s32(even_sum, odd_sum));
      store_at(at + 2 + i, vsubq_s32(a, b));
      store_at(at + 6 + i, vsubq_s32(c, d));
    }
    const int32x4_t even_re = load_at(at + 2);
    const int32x4_t even_im = load_at(at + 3);
    const int32x4_t odd_re = load_at(at + 6);
    const int32x4_t odd_im = load_at(at + 7);
    store_at(at + 2, vaddq_s32(even_re, odd_im));
    store_at(at + 3, vsubq_s32(even_im, odd_re));
    store_at(at + 6, vsubq_s32(even_re, odd_im));
    store_at(at + 7, vaddq_s32(even_im, odd_re));
  }
}

// Four butterflies of every block. Assembly, because gcc 12 moves pairs of vectors through memory.
//   w: cosines and sines in the upper halves of words, of c, then of d, then of b; room for two vectors
// On the way: q4, q5 become c, then c - d; q6, q7 d, then b; q0, q1 c + d; q2, q3 a.
#define MOTE_ROTATE(at, cosines, sines, re, im, w, out_re, out_im) \
  "vld20.32 {" re ", " im "}, [%[" at                              \
  "]]\n"                                                           \
  "vld21.32 {" re ", " im "}, [%[" at                              \
  "]]\n"                                                           \
  "vldrw.32 " w ", [%[w], #" cosines                               \
  "]\n"                                                            \
  "vmulh.s32 " out_re ", " re ", " w                               \
  "\n"                                                             \
  "vmulh.s32 " out_im ", " im ", " w                               \
  "\n"                                                             \
  "vldrw.32 " w ", [%[w], #" sines                                 \
  "]\n"                                                            \
  "vmulh.s32 " re ", " re ", " w                                   \
  "\n"                                                             \
  "vmulh.s32 " im ", " im ", " w                                   \
  "\n"                                                             \
  "vsub.i32 " out_re ", " out_re ", " im                           \
  "\n"                                                             \
  "vadd.i32 " out_im ", " out_im ", " re "\n"
// Number 0 of a block is not rotated but halved, which a twiddle of 32767 would not do.
#define MOTE_HALVE_LANE_0(at, re, im, out_re, out_im) \
  "vld20.32 {" re ", " im "}, [%[" at                 \
  "]]\n"                                              \
  "vld21.32 {" re ", " im "}, [%[" at                 \
  "]]\n"                                              \
  "vmsr p0, %[lane_0]\n"                              \
  "vpstt\n"                                           \
  "vshrt.s32 " out_re ", " re                         \
  ", #1\n"                                            \
  "vshrt.s32 " out_im ", " im ", #1\n"
#define MOTE_NOTHING(at, re, im, out_re, out_im) ""
#define MOTE_FOUR_BUTTERFLIES(LANE_0) \
  "1:\n" MOTE_ROTATE("c", "0", "16", "q0", "q1", "q2", "q4", "q5") LANE_0("c", "q0", "q1", "q4", "q5")  \
  MOTE_ROTATE("d", "32", "48", "q0", "q1", "q2", "q6", "q7") LANE_0("d", "q0", "q1", "q6", "q7") \
  "vadd.i32 q0, q4, q6\n"                                 \
  "vadd.i32 q1, q5, q7\n"                                 \
  "vsub.i32 q4, q4, q6\n"                                 \
  "vsub.i32 q5, q5, q7\n"                                 \
  "vstrw.32 q0, [%[w], #96]\n"                            \
  "vstrw.32 q1, [%[w], #112]\n"                           \
  MOTE_ROTATE("b", "64", "80", "q2", "q3", "q0", "q6", "q7") LANE_0("b", "q2", "q3", "q6", "q7") \
  "vld20.32 {q2, q3}, [%[a]]\n"                           \
  "vld21.32 {q2, q3}, [%[a]]\n"                           \
  "vshr.s32 q2, q2, #1\n"                                 \
  "vshr.s32 q3, q3, #1\n"                                 \
  "vsub.i32 q1, q3, q7\n"                                 \
  "vadd.i32 q7, q3, q7\n"                                 \
  "vadd.i32 q0, q2, q6\n"                                 \
  "vsub.i32 q2, q2, q6\n"                                 \
  "vadd.i32 q6, q1, q4\n"                                 \
  "vsub.i32 q4, q1, q4\n"                                 \
  "vadd.i32 q3, q2, q5\n"                                 \
  "vsub.i32 q5, q2, q5\n"                                 \
  "vst20.32 {q3, q4}, [%[b]]\n"                           \
  "vst21.32 {q3, q4}, [%[b]]\n"                           \
  "vst20.32 {q5, q6}, [%[d]]\n"                           \
  "vst21.32 {q5, q6}, [%[d]]\n"                           \
  "vldrw.32 q3, [%[w], #96]\n"                            \
  "vldrw.32 q4, [%[w], #112]\n"                           \
  "vadd.i32 q1, q0, q3\n"                                 \
  "vadd.i32 q2, q7, q4\n"                                 \
  "vsub.i32 q5, q0, q3\n"                                 \
  "vsub.i32 q6, q7, q4\n"                                 \
  "vst20.32 {q1, q2}, [%[a]]\n"                           \
  "vst21.32 {q1, q2}, [%[a]]\n"                           \
  "vst20.32 {q5, q6}, [%[c]]\n"                           \
  "vst21.32 {q5, q6}, [%[c]]\n"                           \
  "add %[a], %[a], %[block]\n"                            \
  "add %[b], %[b], %[block]\n"                            \
  "add %[c], %[c], %[block]\n"                            \
  "add %[d], %[d], %[block]\n"                            \
  "subs %[blocks], %[blocks], #1\n"                       \
  "bne 1b\n"

// Butterflies j to j + 3 of every block.
inline void four_of_every_block(std::int32_t* y, const std::int32_t* end, std::int32_t quarter, std::int32_t step,
                                const std::int16_t* twiddles, std::int32_t j) {
  const auto* const words = static_cast<const std::int32_t*>(static_cast<const void*>(twiddles));
  const auto bytes = static_cast<std::uint32_t>(2 * step);  // from one element's twiddle to the next one's
  const uint32x4_t offsets = vmulq_n_u32(vaddq_n_u32(vidupq_n_u32(0, 1), static_cast<std::uint32_t>(j)), bytes);
  std::int32_t w[32];
  const auto put = [&w](std::int32_t at, int32x4_t twiddle) {
    vstrwq_s32(w + at, vshlq_n_s32(twiddle, 16));
    vstrwq_s32(w + at + 4, vandq_s32(twiddle, vdupq_n_s32(-65536)));
  };
  put(0, vldrwq_gather_offset_s32(words, offsets));
  put(8, vldrwq_gather_offset_s32(words, vmulq_n_u32(offsets, 3)));
  put(16, vldrwq_gather_offset_s32(words, vmulq_n_u32(offsets, 2)));
  const std::int32_t block = 32 * quarter;  // bytes
  std::int32_t* a = y + 2 * j;
  std::int32_t* b = a + 2 * quarter;
  std::int32_t* c = b + 2 * quarter;
  std::int32_t* d = c + 2 * quarter;
  std::int32_t blocks = (end - y) / (8 * quarter);
  if (j == 0) {
    __asm__ volatile(MOTE_FOUR_BUTTERFLIES(MOTE_HALVE_LANE_0)
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [blocks] "+r"(blocks)
                     : [w] "l"(w), [block] "r"(block), [lane_0] "r"(0x000F)
                     : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");
  } else {
    __asm__ volatile(MOTE_FOUR_BUTTERFLIES(MOTE_NOTHING)
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [blocks] "+r"(blocks)
                     : [w] "l"(w), [block] "r"(block)
                     : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");
  }
}
#undef MOTE_ROTATE
#undef MOTE_HALVE_LANE_0
#undef MOTE_NOTHING
#undef MOTE_FOUR_BUTTERFLIES

inline void pass(std::int32_t* y, const std::int32_t* end, std::int32_t quarter, std::int32_t step,
                 const std::int16_t* twiddles) {
  if (quarter < 4) {
    portable::pass(y, end, quarter, step, twiddles);
    return;
  }
  for (std::int32_t j = 0; j < quarter; j += 4) four_of_every_block(y, end, quarter, step, twiddles, j);
}

// See portable::split. The last four pairs end with the element that is its own mirror: both halves are written to it,
// as there.
inline void split(std::int32_t length, const std::int16_t* twiddles, std::int32_t* y) {
  const auto* words = static_cast<const std::int32_t*>(static_cast<const void*>(twiddles)) + 1;
  const uint32x4_t forwards = vmulq_n_u32(vidupq_n_u32(0, 1), 8);
  const uint32x4_t backwards = vmulq_n_u32(vddupq_n_u32(3, 1), 8);
  portable::split_first(y);
  for (std::int32_t k = 1; 2 * k <= length; k += 4, words += 4) {
    std::int32_t* const low = y + 2 * k;
    std::int32_t* const high = y + 2 * (length - k - 3);
    const int32x4_t a_re = vshrq_n_s32(vldrwq_gather_offset_s32(low, forwards), 1);
    const int32x4_t a_im = vshrq_n_s32(vldrwq_gather_offset_s32(low + 1, forwards), 1);
    const int32x4_t b_re = vshrq_n_s32(vldrwq_gather_offset_s32(high, backwards), 1);
    const int32x4_t b_im = vshrq_n_s32(vldrwq_gather_offset_s32(high + 1, backwards), 1);
    const int32x4_t even_re = vshrq_n_s32(vaddq_s32(a_re, b_re), 1);
    const int32x4_t even_im = vshrq_n_s32(vsubq_s32(a_im, b_im), 1);
    const int32x4_t x_re = vaddq_s32(a_im, b_im);
    const int32x4_t x_im = vsubq_s32(b_re, a_re);
    // The high half of x times a twiddle in the high half of a word is half_product().
    const int32x4_t w = vldrwq_s32(words);
    const int32x4_t c = vshlq_n_s32(w, 16);
    const int32x4_t s = vandq_s32(w, vdupq_n_s32(-65536));
    const int32x4_t odd_re = vsubq_s32(vmulhq_s32(x_re, c), vmulhq_s32(x_im, s));
    const int32x4_t odd_im = vaddq_s32(vmulhq_s32(x_re, s), vmulhq_s32(x_im, c));
    vstrwq_scatter_offset_s32(low, forwards, vaddq_s32(even_re, odd_re));
    vstrwq_scatter_offset_s32(low + 1, forwards, vaddq_s32(even_im, odd_im));
    vstrwq_scatter_offset_s32(high, backwards, vsubq_s32(even_re, odd_re));
    vstrwq_scatter_offset_s32(high + 1, backwards, vsubq_s32(odd_im, even_im));
  }
}

}  // namespace mote::signal
