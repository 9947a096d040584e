// Tables for element types.
#include "host/ir/types.h"

#include <array>

namespace mote {
namespace {

struct Row {
  DType type;
  std::string_view name;
  std::string_view cpp_name;
  std::int64_t bytes;
};

constexpr std::array kRows = {
    Row{DType::f32, "f32", "float", 4},        Row{DType::s8, "s8", "std::int8_t", 1},
    Row{DType::u8, "u8", "std::uint8_t", 1},   Row{DType::s16, "s16", "std::int16_t", 2},
    Row{DType::s32, "s32", "std::int32_t", 4}, Row{DType::s64, "s64", "std::int64_t", 8},
    Row{DType::boolean, "bool", "bool", 1},
};

const Row& row(DType type) { return kRows.at(static_cast<std::size_t>(type)); }

}  // namespace

std::int64_t size_bytes(DType type) { return row(type).bytes; }
std::string_view name_of(DType type) { return row(type).name; }
std::string_view cpp_name_of(DType type) { return row(type).cpp_name; }

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const Row& r : kRows) {
    if (r.name == name) return r.type;
  }
  return std::nullopt;
}

std::int64_t elements(const Shape& shape) {
  std::int64_t n = 1;
  for (const std::int64_t d : shape) n *= d;
  return n;
}

std::string text_of(const Shape& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) out += ",";
    out += std::to_string(shape[i]);
  }
  return out + "]";
}

}  // namespace mote
