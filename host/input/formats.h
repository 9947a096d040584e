// The readers behind load_inputs, one file each; all take bytes that nobody vouches for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/base/result.h"
#include "host/input/encoder.h"
#include "host/input/input.h"

namespace mote::input {

Result<std::vector<Bytes>> read_raw(std::span<const std::uint8_t> file, const Tensor& target);
Result<std::vector<Bytes>> read_npy(std::span<const std::uint8_t> file, const Tensor& target);
Result<std::vector<Bytes>> read_csv(std::span<const std::uint8_t> file, const Tensor& target,
                                    const InputOptions& options);
Result<std::vector<Bytes>> read_wav(std::span<const std::uint8_t> file, const Tensor& target);
Result<std::vector<Bytes>> read_image(std::span<const std::uint8_t> file, const Tensor& target,
                                      const InputOptions& options);

// The shape that a .npy file states.
Result<Shape> npy_shape(std::span<const std::uint8_t> file);

struct Picture {
  std::int64_t height, width, channels;  // channels 1 or 3
  Bytes pixels;
};
// A PNG, JPEG or BMP of any size.
Result<Picture> decode_picture(std::span<const std::uint8_t> file);

}  // namespace mote::input
