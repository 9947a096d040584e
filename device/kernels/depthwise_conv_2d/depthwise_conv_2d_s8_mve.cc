// int8 depthwise convolution of any kernel for MVE: the taps of a pixel are interleaved by four for sixteen channels,
// so that a vector holds sixteen taps of one channel.
#include "device/isa/mve.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels {
namespace {

// What interleave() reads.
struct Taps {
  const std::int8_t* const* tap;  //  0: where each lies, four at a time
  std::int32_t fours;             //  4: >= 1
  std::int8_t* to;                //  8: 64 bytes for four taps
  std::int32_t channel;           // 12: bytes from the tap's first channel to the first one wanted
  std::int32_t channels;          // 16: up to 16
};

// What multiply() reads.
struct Channels {
  std::int32_t lane[4];        //  0: bytes from a channel's first four taps to its own and the next three fours
  const std::int8_t* taps;     // 16: interleaved
  std::int32_t steps;          // 20: of 16 taps
  const std::int32_t* packed;  // 24: bias[4], weights, multiplier[4], shift[4] of the first four channels
  std::int32_t channels;       // 28
  std::int8_t* y;              // 32
  std::int32_t out_offset;     // 36
};

// 15 instructions for four taps of 16 channels.
[[gnu::naked, gnu::noinline]] void interleave(const Taps*) {
  asm volatile(
      "push {r4-r7, lr}\n"
      "ldm r0, {r0, r1, r2, r3, r4}\n"
      "vctp.8 r4\n"
      "dls lr, r1\n"
      "1:\n"
      "ldm r0!, {r4, r5, r6, r7}\n"
      "add r4, r4, r3\n"
      "add r5, r5, r3\n"
      "add r6, r6, r3\n"
      "add r7, r7, r3\n"
      "vpstttt\n"
      "vldrbt.u8 q0, [r4]\n"
      "vldrbt.u8 q1, [r5]\n"
      "vldrbt.u8 q2, [r6]\n"
      "vldrbt.u8 q3, [r7]\n"
      "vst40.8 {q0, q1, q2, q3}, [r2]\n"
      "vst41.8 {q0, q1, q2, q3}, [r2]\n"
      "vst42.8 {q0, q1, q2, q3}, [r2]\n"
      "vst43.8 {q0, q1, q2, q3}, [r2]!\n"
      "le lr, 1b\n"
      "pop {r4-r7, pc}\n");
}

// r0, r2, r4, r6 sums  r1 taps  r3 packed  r5 steps  r7 y  r8 channels left  r9 taps of four channels  r10 out_offset
// q0, q4-q6 lanes of four channels  q1, q2 taps and weights, then results  q3 work
[[gnu::naked, gnu::noinline]] void multiply(const Channels*) {
  asm volatile(
      "push {r4-r10, lr}\n"
      "vpush {d8-d13}\n"
      "vldrw.u32 q0, [r0]\n"
      "mov r1, #4\n"
      "vadd.i32 q4, q0, r1\n"
      "vadd.i32 q5, q4, r1\n"
      "vadd.i32 q6, q5, r1\n"
      "ldrd r9, r5, [r0, #16]\n"
      "ldrd r3, r8, [r0, #24]\n"
      "ldrd r7, r10, [r0, #32]\n"
      "1:\n"
      "ldm r3!, {r0, r2, r4, r6}\n"  // biases
      "mov r1, r9\n"
      "dls lr, r5\n"
      "2:\n"
      "vldrw.u32 q1, [r1, q0]\n"
      "vldrb.u8 q2, [r3], #64\n"
      "vmladava.s8 r0, q1, q2\n"
      "vldrw.u32 q3, [r1, q4]\n"
      "vldrb.u8 q2, [r3, #-48]\n"
      "vmladava.s8 r2, q3, q2\n"
      "vldrw.u32 q1, [r1, q5]\n"
      "vldrb.u8 q2, [r3, #-32]\n"
      "vmladava.s8 r4, q1, q2\n"
      "vldrw.u32 q3, [r1, q6]\n"
      "vldrb.u8 q2, [r3, #-16]\n"
      "vmladava.s8 r6, q3, q2\n"
      "add r1, r1, #256\n"
      "le lr, 2b\n"
      "vmov q1[2], q1[0], r0, r4\n"
      "vmov q1[3], q1[1], r2, r6\n"
      "vldrw.u32 q2, [r3], #16\n"  // multipliers
      "vldrw.u32 q3, [r3], #16\n"  // shifts
      "vqrdmulh.s32 q1, q1, q2\n"
      "vshr.s32 q2, q1, #31\n"  // ties away from zero: one less where negative
      "vadd.i32 q1, q1, q2\n"
      "vrshl.s32 q1, q1, q3\n"
      "vadd.i32 q1, q1, r10\n"
      "vqmovnb.s32 q1, q1\n"
      "vqmovnb.s16 q1, q1\n"
      "vctp.32 r8\n"
      "vpst\n"
      "vstrbt.32 q1, [r7], #4\n"
      "add r9, r9, #16\n"
      "subs r8, r8, #4\n"
      "bgt 1b\n"
      "vpop {d8-d13}\n"
      "pop {r4-r10, pc}\n");
}

}  // namespace

void depthwise_conv_2d_s8_mve(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                              std::uint8_t* scratch, std::int8_t* y) {
  const std::int32_t taps = p.kernel_h * p.kernel_w;
  const std::int32_t steps = (taps + 15) / 16;
  const std::int32_t fours = (taps + 3) / 4;
  auto* const interleaved = static_cast<std::int8_t*>(static_cast<void*>(scratch));
  auto* const tap = static_cast<const std::int8_t**>(static_cast<void*>(scratch + steps * 256));
  auto* const outside = static_cast<std::int8_t*>(static_cast<void*>(scratch + steps * 256 + fours * 16));
  isa::fill_bytes_by_16(outside, -p.in_offset, p.in_c);
  std::int8_t* const begin = y;
  const std::int32_t words = 12 + steps * 16;  // of four channels
  const std::int32_t column_step = p.dilation_w * p.in_c;

  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * p.in_w * p.in_c) {
    for (std::int32_t oh = 0; oh < p.out_h; ++oh) {
      for (std::int32_t ow = 0; ow < p.out_w; ++ow, y += p.in_c) {
        const std::int8_t** to = tap;
        for (std::int32_t i = 0; i < p.kernel_h; ++i) {
          const std::int32_t h = oh * p.stride_h + i * p.dilation_h - p.pad_top;
          std::int32_t w = ow * p.stride_w - p.pad_left;
          const std::int8_t* at = x + (h * p.in_w + w) * p.in_c;
          const bool is_row = h >= 0 && h < p.in_h;
          for (std::int32_t j = 0; j < p.kernel_w; ++j, w += p.dilation_w, at += column_step) {
            *to++ = is_row && w >= 0 && w < p.in_w ? at : outside;
          }
        }
        while (to != tap + fours * 4) *to++ = outside;  // meets weights of zero
        for (std::int32_t c = 0; c < p.in_c; c += 16) {
          const std::int32_t channels = p.in_c - c < 16 ? p.in_c - c : 16;
          const Taps all{tap, fours, interleaved, c, channels};
          interleave(&all);
          const Channels sums{{0, 64, 128, 192}, interleaved, steps,       packed + c / 4 * words,
                              channels,          y + c,       p.out_offset};
          multiply(&sums);
        }
      }
    }
  }
  isa::narrow_clamp_by_16(begin, static_cast<std::int32_t>(y - begin), p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
