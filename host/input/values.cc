// Conversions element by element.
#include "host/input/values.h"

#include <cstring>

#include <fmt/format.h>

#include "host/base/file.h"

namespace mote {
namespace {

// Calls `use` with a value of the C++ type behind `type`.
template <class Use>
void with_type(DType type, Use&& use) {
  switch (type) {
    case DType::f32: use(float{}); break;
    case DType::s8: use(std::int8_t{}); break;
    case DType::u8:
    case DType::boolean: use(std::uint8_t{}); break;
    case DType::s16: use(std::int16_t{}); break;
    case DType::s32: use(std::int32_t{}); break;
    case DType::s64: use(std::int64_t{}); break;
  }
}

std::string_view npy_type(DType type) {
  switch (type) {
    case DType::f32: return "<f4";
    case DType::s8: return "|i1";
    case DType::u8: return "|u1";
    case DType::boolean: return "|b1";
    case DType::s16: return "<i2";
    case DType::s32: return "<i4";
    case DType::s64: return "<i8";
  }
  return "";
}

}  // namespace

std::vector<double> decode_values(DType type, const std::vector<std::uint8_t>& bytes) {
  std::vector<double> out;
  with_type(type, [&](auto value) {
    for (std::size_t at = 0; at + sizeof value <= bytes.size(); at += sizeof value) {
      std::memcpy(&value, &bytes[at], sizeof value);
      out.push_back(static_cast<double>(value));
    }
  });
  return out;
}

std::vector<std::uint8_t> encode_values(DType type, const std::vector<double>& values) {
  std::vector<std::uint8_t> out;
  with_type(type, [&](auto value) {
    for (const double v : values) {
      value = static_cast<decltype(value)>(v);  // in range, as the caller promises
      const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
      out.insert(out.end(), raw, raw + sizeof value);
    }
  });
  return out;
}

Status write_npy(const std::filesystem::path& path, DType type, const Shape& shape,
                 const std::vector<std::uint8_t>& bytes) {
  std::string dims;
  for (const std::int64_t d : shape) dims += fmt::format("{}, ", d);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", npy_type(type), dims);
  constexpr std::size_t kPreamble = 10;  // magic, version, header length
  header.append(63 - (kPreamble + header.size()) % 64, ' ');
  header += '\n';
  std::string file = std::string("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xFF);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return write_file(path, file);
}

}  // namespace mote
