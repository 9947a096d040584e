// The model image: a model compiled on the host that firmware loads later; docs/formats.md has the words.
// Everything is little endian, in 32-bit words, at offsets from the image's first byte, which lies on 16 bytes.
#pragma once

#include <cstdint>

namespace mote {

inline constexpr std::uint32_t kImageMagic = 0x494D544D;  // "MTMI"
// Raised when these structs change, or what a kernel wants of its packed constants: firmware refuses other versions.
inline constexpr std::uint16_t kImageVersion = 1;

struct ImageHeader {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t header_bytes;
  std::uint32_t image_bytes;  // all of it, the signature too
  std::uint32_t crc;          // of everything behind this word up to the signature
  std::uint32_t arena_bytes;
  std::uint32_t name;
  std::uint32_t kernels, kernel_count;  // ImageKernel[]
  std::uint32_t ports;                  // ImagePort[]: inputs, then outputs
  std::uint32_t input_count, output_count;
  std::uint32_t steps, step_words;
  std::uint32_t signature;    // where a signature of all before it begins; 0: none
  std::uint32_t answer_seed;  // known answer: inputs of these random bytes; 0: none
  std::uint32_t answer_crc;   // give outputs with this CRC
};
static_assert(sizeof(ImageHeader) == 64);
inline constexpr std::uint32_t kImageCrcBegin = 16;

// A kernel that the image calls.
struct ImageKernel {
  std::uint32_t name;  // "conv_2d_s8_portable", ends with a zero byte
  std::uint32_t params_bytes;
};

// An input or output.
struct ImagePort {
  std::uint32_t name;
  std::uint32_t offset_bytes;  // in the arena
  std::uint32_t size_bytes;
  std::uint32_t type;  // ImageType
  std::uint32_t rank;
  std::uint32_t dims;  // int32[rank]
  float scale;         // 0: not quantised, or not by one scale
  std::int32_t zero_point;
};
static_assert(sizeof(ImagePort) == 32);
inline constexpr std::uint32_t kImageMaxRank = 8;

enum class ImageType : std::uint32_t { f32, s8, u8, s16, s32, s64, boolean };
[[nodiscard]] constexpr std::uint32_t image_type_bytes(ImageType type) {
  constexpr std::uint32_t kBytes[] = {4, 1, 1, 2, 4, 8, 1};
  return kBytes[static_cast<std::uint32_t>(type)];
}

// The first word of a step: what it is in bits 0..7; of a call, the kernel's index in 8..15, its arguments in 16..23.
//   call   params, arguments        params: where the parameter struct lies in the image
//   rows   params, arguments, for every argument the bytes it moves from turn to turn
//   carry  to, from, bytes from moves per turn, bytes of a row, rows: moves rows within the arena, first to last
//   loop   turns, words of the body: what follows, of calls, rows and carries
enum class ImageStep : std::uint32_t { call, rows, carry, loop };

// An argument: an offset in the arena; with this bit, in the image.
inline constexpr std::uint32_t kImageConstant = 0x80000000;
inline constexpr std::uint32_t kImageNoArgument = 0xFFFFFFFF;

// The random bytes of known answers: the top byte of each next state.
[[nodiscard]] constexpr std::uint32_t image_random(std::uint32_t state) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^ state << 5;
}

}  // namespace mote
