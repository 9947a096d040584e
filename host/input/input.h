// Reads the inputs of a run from a file: .npy, .bin/.raw, .csv, .wav, .png/.jpg/.bmp/.ppm/.pgm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// The real numbers that pixel values 0..255 stand for.
enum class PixelRange : std::uint8_t {
  automatic,         // from the tensor's quantisation, if it covers one of the others
  zero_to_255,       // the pixel itself
  zero_to_one,       // pixel / 255
  minus_one_to_one,  // pixel / 127.5 - 1
};

struct InputOptions {
  bool raw = false;  // numbers in a .csv are quantised values already
  PixelRange pixels = PixelRange::automatic;
};

// One entry per input in the file: the bytes of `target` (little endian). What the values mean:
//   .bin .raw   the tensor's own bytes, one input after another
//   .npy        elements of the tensor's own type are taken as they are; float32 and float64 are real numbers and are
//               quantised; other integers only fit tensors that are not quantised. Shape: the tensor's, with a leading
//               1 left out if there is one, or either of these with one more leading dimension: several inputs
//   .csv        a row per input; real numbers, quantised unless options.raw
//   .wav        16-bit PCM; as it is for an s16 tensor, else sample / 32768 is the real number
//   images      8 bits per channel, not resized; as it is for a u8 tensor; options.pixels gives the real number, which
//   is
//               quantised. For an int8 tensor that covers one of the ranges that is pixel - 128
// Quantised: round(real / scale) + zero_point, half away from zero, clamped to the type, as TFLite's QUANTIZE does.
// Errors: a shape, size or type that does not fit, naming both; a damaged file; a value that no element can hold.
Result<std::vector<std::vector<std::uint8_t>>> load_inputs(const std::filesystem::path& path, const Tensor& target,
                                                           const InputOptions& options = {});

// The same for bytes in memory; `name` gives the format by its extension and names the file in messages.
Result<std::vector<std::vector<std::uint8_t>>> decode_inputs(std::span<const std::uint8_t> bytes,
                                                             const std::string& name, const Tensor& target,
                                                             const InputOptions& options = {});

}  // namespace mote
