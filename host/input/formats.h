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

}  // namespace mote::input
