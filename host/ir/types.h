// Element types, shapes and quantisation of a tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

enum class DType : std::uint8_t { f32, s8, u8, s16, s32, s64, boolean };

// Size of one element in bytes.
[[nodiscard]] std::int64_t size_bytes(DType type);
// The name in IR text and diagnostics: "s8".
[[nodiscard]] std::string_view name_of(DType type);
// The C++ element type in generated code: "std::int8_t".
[[nodiscard]] std::string_view cpp_name_of(DType type);
// The inverse of name_of.
[[nodiscard]] std::optional<DType> dtype_from_name(std::string_view name);

// Dimensions, outermost first; the empty shape is a scalar. Every dimension is >= 1 in a verified graph.
using Shape = std::vector<std::int64_t>;

// Product of the dimensions. The verifier bounds it: elements of a tensor <= kMaxElements.
[[nodiscard]] std::int64_t elements(const Shape& shape);
[[nodiscard]] std::string text_of(const Shape& shape);  // "[1,49,10,1]"

inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;
inline constexpr std::size_t kMaxRank = 8;

// Affine quantisation, real = scale * (q - zero_point). Empty scale: not quantised.
// One entry: per tensor. Several: per channel along `axis`.
struct Quant {
  std::vector<float> scale;
  std::vector<std::int32_t> zero_point;
  std::int32_t axis = 0;

  [[nodiscard]] bool empty() const { return scale.empty(); }
  [[nodiscard]] bool per_channel() const { return scale.size() > 1; }
  bool operator==(const Quant&) const = default;
};

}  // namespace mote
