// Element values of tensors as numbers, and tensors as .npy files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/base/result.h"
#include "host/ir/types.h"

namespace mote {

// The elements as doubles; every type but extreme s64 fits exactly. Quantised values stay as they are.
[[nodiscard]] std::vector<double> decode_values(DType type, const std::vector<std::uint8_t>& bytes);

// The inverse; values must be in the type's range, whole for integers.
[[nodiscard]] std::vector<std::uint8_t> encode_values(DType type, const std::vector<double>& values);

// Writes elements as a NumPy file, version 1.0, C order.
Status write_npy(const std::filesystem::path& path, DType type, const Shape& shape,
                 const std::vector<std::uint8_t>& bytes);

}  // namespace mote
