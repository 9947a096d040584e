// int8 depthwise 3x3 convolution for MVE: four rows of sixteen channels are interleaved into words, so that a vector
// holds 4x4 inputs of one channel. Multiplied with the channel's weights, shifted by no or one column and row, it gives
// 2x2 outputs; with stride 2 it gives one.
#include "device/isa/mve.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d.h"

namespace mote::kernels {
namespace {

// Four outputs of a channel.
struct Tile {
  const std::int8_t* columns;  // the interleaved columns where they begin
  std::int8_t* y;              // of the first output
};

// What the functions below read and use up, for all tiles of up to 16 channels.
struct Tiles {
  std::int32_t column[4];      //  0: bytes from a tile's first column to its own and the next three
  std::int32_t place[4];       // 16: bytes from a tile's first output to its own and the other three
  const Tile* tiles;           // 32
  std::int32_t count;          // 36: >= 1
  const std::int8_t* weights;  // 40: of the first channel: 0 and its columns, k0 k1 k2 0 each; then the next channel's
  const std::int32_t* finishes;  // 44: bias, multiplier and shift of each channel
  std::int32_t channels;         // 48: >= 1
  std::int32_t out_offset;       // 52
};

// clang-format off

// r0, r2, r4, r6 sums  r1 tiles  r3 weights  r5 finishes  r7 columns  r8 bias  r9 multiplier  r10 shift  r11 out_offset
// r12 y  q0 columns  q1 places  q2, q3 results  q4 weights
// SETUP loads the weights of a channel, SUMS multiplies, NEXT moves to the next channel; MIND rounds ties away from zero.
#define MOTE_TILES(BEGIN, SETUP, SUMS, MIND, NEXT) \
  "vpush {d8-d15}\n"                               \
  "push {r0, r4-r11, lr}\n"                        \
  "add r1, r0, #16\n"                              \
  "vldrw.u32 q0, [r0]\n"                           \
  "vldrw.u32 q1, [r1]\n"                           \
  "ldrd r3, r5, [r0, #40]\n"                       \
  "ldr r11, [r0, #52]\n"                           \
  BEGIN                                            \
  "1:\n"                                           \
  SETUP                                            \
  "ldm r5!, {r8, r9, r10}\n"                       \
  "ldr r0, [sp]\n"                                 \
  "ldrd r1, r2, [r0, #32]\n"                       \
  "dls lr, r2\n"                                   \
  "2:\n"                                           \
  "ldrd r7, r12, [r1], #8\n"                       \
  SUMS                                             \
  "vmov q2[2], q2[0], r0, r4\n"                    \
  "vmov q2[3], q2[1], r2, r6\n"                    \
  "vadd.i32 q2, q2, r8\n"                          \
  "vqrdmulh.s32 q2, q2, r9\n"                      \
  MIND                                             \
  "vrshl.s32 q2, r10\n"                            \
  "vadd.i32 q2, q2, r11\n"                         \
  "vqmovnb.s32 q2, q2\n"                           \
  "vqmovnb.s16 q2, q2\n"                           \
  "vstrb.32 q2, [r12, q1]\n"                       \
  "le lr, 2b\n"                                    \
  "mov r0, #4\n"                                   \
  NEXT                                             \
  "mov r0, #1\n"                                   \
  "vadd.i32 q1, q1, r0\n"                          \
  "ldr r0, [sp]\n"                                 \
  "ldr r2, [r0, #48]\n"                            \
  "subs r2, r2, #1\n"                              \
  "str r2, [r0, #48]\n"                            \
  "bne 1b\n"                                       \
  "pop {r0, r4-r11, lr}\n"                         \
  "vpop {d8-d15}\n"                                \
  "bx lr\n"

#define MOTE_MIND_SIGN     \
  "vshr.s32 q3, q2, #31\n" \
  "vadd.i32 q2, q2, q3\n"

// q5 the weights one column on, q6 and q7 both one row on
#define MOTE_SETUP_STRIDE_1     \
  "vldrw.u32 q5, [r3], #16\n"   \
  "vldrw.u32 q4, [r3, #-12]\n"  \
  "vshl.i32 q6, q4, #8\n"       \
  "vshl.i32 q7, q5, #8\n"
#define MOTE_SUMS_STRIDE_1       \
  "vldrw.u32 q2, [r7, q0]\n"     \
  "vmladav.s8 r0, q2, q4\n"      \
  "vmladav.s8 r2, q2, q5\n"      \
  "vmladav.s8 r4, q2, q6\n"      \
  "vmladav.s8 r6, q2, q7\n"
#define MOTE_NEXT_STRIDE_1 "vadd.i32 q0, q0, r0\n"

[[gnu::naked, gnu::noinline]] void tiles_stride_1(Tiles*) {
  asm volatile(MOTE_TILES("", MOTE_SETUP_STRIDE_1, MOTE_SUMS_STRIDE_1, MOTE_MIND_SIGN, MOTE_NEXT_STRIDE_1));
}
[[gnu::naked, gnu::noinline]] void rectified_tiles_stride_1(Tiles*) {
  asm volatile(MOTE_TILES("", MOTE_SETUP_STRIDE_1, MOTE_SUMS_STRIDE_1, "", MOTE_NEXT_STRIDE_1));
}

// q5-q7 the columns of the second to the fourth output
#define MOTE_BEGIN_STRIDE_2     \
  "mov r0, #128\n"              \
  "vadd.i32 q5, q0, r0\n"       \
  "vadd.i32 q6, q5, r0\n"       \
  "vadd.i32 q7, q6, r0\n"
#define MOTE_SETUP_STRIDE_2     \
  "add r3, r3, #16\n"           \
  "vldrw.u32 q4, [r3, #-12]\n"
#define MOTE_SUMS_STRIDE_2       \
  "vldrw.u32 q2, [r7, q0]\n"     \
  "vldrw.u32 q3, [r7, q5]\n"     \
  "vmladav.s8 r0, q2, q4\n"      \
  "vldrw.u32 q2, [r7, q6]\n"     \
  "vmladav.s8 r2, q3, q4\n"      \
  "vldrw.u32 q3, [r7, q7]\n"     \
  "vmladav.s8 r4, q2, q4\n"      \
  "vmladav.s8 r6, q3, q4\n"
#define MOTE_NEXT_STRIDE_2       \
  "vadd.i32 q0, q0, r0\n"        \
  "vadd.i32 q5, q5, r0\n"        \
  "vadd.i32 q6, q6, r0\n"        \
  "vadd.i32 q7, q7, r0\n"

[[gnu::naked, gnu::noinline]] void tiles_stride_2(Tiles*) {
  asm volatile(MOTE_TILES(MOTE_BEGIN_STRIDE_2, MOTE_SETUP_STRIDE_2, MOTE_SUMS_STRIDE_2, MOTE_MIND_SIGN,
                          MOTE_NEXT_STRIDE_2));
}
[[gnu::naked, gnu::noinline]] void rectified_tiles_stride_2(Tiles*) {
  asm volatile(MOTE_TILES(MOTE_BEGIN_STRIDE_2, MOTE_SETUP_STRIDE_2, MOTE_SUMS_STRIDE_2, "", MOTE_NEXT_STRIDE_2));
}

// What interleave() reads.
struct FourRows {
  const std::int8_t* row[4];  //  0: the first pixel that is inside
  std::int32_t step[4];       // 16: from pixel to pixel; 0 where the row lies outside and all is zero point
  std::int8_t* to;            // 32
  std::int32_t pixels;        // 36: >= 1
  std::int32_t channels;      // 40: up to 16
};

// Four rows of up to 16 channels as words (row 0, 1, 2, 3), 64 bytes to a column. 14 instructions a column.
[[gnu::naked, gnu::noinline]] void interleave(const FourRows*) {
  asm volatile(
      "push {r4-r9, lr}\n"
      "ldr r9, [r0, #40]\n"
      "vctp.8 r9\n"
      "ldrd r8, r9, [r0, #32]\n"
      "ldm r0, {r0-r7}\n"
      "dls lr, r9\n"
      "1:\n"
      "vpstttt\n"
      "vldrbt.u8 q0, [r0]\n"
      "vldrbt.u8 q1, [r1]\n"
      "vldrbt.u8 q2, [r2]\n"
      "vldrbt.u8 q3, [r3]\n"
      "vst40.8 {q0, q1, q2, q3}, [r8]\n"
      "add r0, r0, r4\n"
      "vst41.8 {q0, q1, q2, q3}, [r8]\n"
      "add r1, r1, r5\n"
      "vst42.8 {q0, q1, q2, q3}, [r8]\n"
      "add r2, r2, r6\n"
      "vst43.8 {q0, q1, q2, q3}, [r8]!\n"
      "add r3, r3, r7\n"
      "le lr, 1b\n"
      "pop {r4-r9, pc}\n");
}

// clang-format on

}  // namespace

void depthwise_conv_2d_s8_3x3_mve(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y) {
  const VectorTiles plan = vector_tiles(p);
  const std::int32_t strip_bytes = plan.columns * 64;
  auto* const strips = static_cast<std::int8_t*>(static_cast<void*>(scratch));
  auto* const table = static_cast<Tile*>(static_cast<void*>(scratch + plan.strips * strip_bytes));
  isa::fill_bytes_by_16(strips, -p.in_offset, plan.strips * strip_bytes);
  alignas(16) std::int8_t outside[16];
  isa::fill_bytes_by_16(outside, -p.in_offset, 16);

  const bool dense = p.stride_h == 1;
  const std::int32_t tile_h = dense ? 2 : 1;
  const std::int32_t tile_w = dense ? 2 : 4;
  const std::int32_t y_row = p.out_w * p.in_c;
  const bool rectified = p.clamp_min >= p.out_offset;
  auto* const run = dense ? (rectified ? rectified_tiles_stride_1 : tiles_stride_1)
                          : (rectified ? rectified_tiles_stride_2 : tiles_stride_2);
  const auto* const weights = static_cast<const std::int8_t*>(static_cast<const void*>(packed));
  const std::int32_t* const finishes = packed + p.in_c * 4 + 1;
  const std::int32_t within = plan.columns - p.pad_left;

  FourRows rows{};
  rows.pixels = within < p.in_w ? within : p.in_w;
  for (std::int32_t n = 0; n < p.batches; ++n, x += p.in_h * p.in_w * p.in_c, y += p.out_h * y_row) {
    for (std::int32_t first = 0; first < p.out_h; first += plan.strips * tile_h) {
      Tile* tile = table;
      for (std::int32_t s = 0; s < plan.strips; ++s) {
        const std::int32_t oh = first + s * tile_h;
        if (oh >= p.out_h) break;
        const std::int32_t row = oh + tile_h > p.out_h ? p.out_h - tile_h : oh;
        for (std::int32_t ow = 0; ow < p.out_w; ow += tile_w, ++tile) {
          const std::int32_t column = ow + tile_w > p.out_w ? p.out_w - tile_w : ow;
          *tile = {strips + s * strip_bytes + column * p.stride_w * 64, y + row * y_row + column * p.in_c};
        }
      }
      for (std::int32_t c = 0; c < p.in_c; c += 16) {
        rows.channels = p.in_c - c < 16 ? p.in_c - c : 16;
        for (std::int32_t s = 0; s < plan.strips; ++s) {
          const std::int32_t oh = first + s * tile_h;
          if (oh >= p.out_h) break;
          const std::int32_t row = oh + tile_h > p.out_h ? p.out_h - tile_h : oh;
          const std::int32_t top = row * p.stride_h - p.pad_top;
          for (std::int32_t i = 0; i < 4; ++i) {
            const bool inside = top + i >= 0 && top + i < p.in_h;
            rows.row[i] = inside ? x + (top + i) * p.in_w * p.in_c + c : outside;
            rows.step[i] = inside ? p.in_c : 0;
          }
          rows.to = strips + s * strip_bytes + p.pad_left * 64;
          interleave(&rows);
        }
        Tiles tiles{};
        for (std::int32_t i = 0; i < 4; ++i) {
          tiles.column[i] = i * 64;
          tiles.place[i] = c + (dense ? i / 2 * y_row + i % 2 * p.in_c : i * p.in_c);
        }
        tiles.tiles = table;
        tiles.count = static_cast<std::int32_t>(tile - table);
        tiles.weights = weights + c * 16;
        tiles.finishes = finishes + c * 3;
        tiles.channels = rows.channels;
        tiles.out_offset = p.out_offset;
        run(&tiles);
      }
    }
    isa::narrow_clamp_by_16(y, p.out_h * y_row, p.clamp_min, p.clamp_max);
  }
}

}  // namespace mote::kernels
