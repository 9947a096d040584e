// .npy, versions 1 to 3. Source: NumPy's format description (numpy.lib.format).
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "host/input/formats.h"

namespace mote::input {
namespace {

constexpr const char* kSaveAgain = "save it with numpy.save as a C-ordered array of numbers";
constexpr std::size_t kMaxDimensions = kMaxRank + 1;

struct Header {
  std::string descr;  // "<f4"
  bool fortran_order = false;
  Shape shape;
};

// The header is a Python dictionary with three known keys in any order.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  std::optional<Header> read() {
    Header h;
    bool has_descr = false;
    bool has_order = false;
    bool has_shape = false;
    if (!accept("{")) return std::nullopt;
    while (!accept("}")) {
      const auto key = string();
      if (!key || !accept(":")) return std::nullopt;
      if (*key == "descr") {
        const auto descr = string();
        if (!descr) return std::nullopt;
        h.descr = *descr;
        has_descr = true;
      } else if (*key == "fortran_order") {
        h.fortran_order = accept("True");
        if (!h.fortran_order && !accept("False")) return std::nullopt;
        has_order = true;
      } else if (*key == "shape") {
        if (!shape(h.shape)) return std::nullopt;
        has_shape = true;
      } else {
        return std::nullopt;
      }
      if (!accept(",")) {
        if (!accept("}")) return std::nullopt;
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape) return std::nullopt;
    return h;
  }

 private:
  bool accept(std::string_view token) {
    const std::size_t first = text_.find_first_not_of(" \n\t");
    if (first == std::string_view::npos || !text_.substr(first).starts_with(token)) return false;
    text_.remove_prefix(first + token.size());
    return true;
  }

  std::optional<std::string> string() {
    const char* quote = accept("'") ? "'" : accept("\"") ? "\"" : nullptr;
    if (quote == nullptr) return std::nullopt;
    const std::size_t end = text_.find(quote);
    if (end > 16) return std::nullopt;  // not found is larger still
    std::string out(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return out;
  }

  bool shape(Shape& out) {
    if (!accept("(")) return false;
    while (!accept(")")) {
      if (out.size() > kMaxDimensions) return false;
      const std::size_t first = text_.find_first_not_of(' ');
      if (first == std::string_view::npos) return false;
      std::int64_t d = 0;
      const auto [end, code] = std::from_chars(text_.data() + first, text_.data() + text_.size(), d);
      if (code != std::errc() || d < 0) return false;
      out.push_back(d);
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (!accept(",")) {
        if (!accept(")")) return false;
        break;
      }
    }
    return true;
  }

  std::string_view text_;
};

// How many inputs an array of this shape holds, or nothing where it does not fit.
std::optional<std::int64_t> count_inputs(const Shape& shape, const Shape& target) {
  const auto fits = [&](const Shape& one) -> std::optional<std::int64_t> {
    if (shape == one) return 1;
    if (shape.size() == one.size() + 1 && std::equal(one.begin(), one.end(), shape.begin() + 1)) return shape[0];
    return std::nullopt;
  };
  if (const auto n = fits(target)) return n;
  if (target.empty() || target[0] != 1) return std::nullopt;
  return fits(Shape(target.begin() + 1, target.end()));
}

template <class T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// One element of type `descr` into the encoder.
Status convert(std::string_view descr, const std::uint8_t* at, const Encoder& encoder, Bytes& out) {
  if (descr == "<f4") return encoder.real(static_cast<double>(load<float>(at)), out);
  if (descr == "<f8") return encoder.real(load<double>(at), out);
  if (descr == "|i1") return encoder.stored(load<std::int8_t>(at), out);
  if (descr == "<i2") return encoder.stored(load<std::int16_t>(at), out);
  if (descr == "<i4") return encoder.stored(load<std::int32_t>(at), out);
  if (descr == "<i8") return encoder.stored(load<std::int64_t>(at), out);
  return encoder.stored(*at, out);  // |u1 and |b1
}

struct ArrayType {
  std::string_view descr;
  std::size_t bytes;
  std::optional<DType> same;  // the tensor type with the same bytes
};

constexpr ArrayType kTypes[] = {
    {"|u1", 1, DType::u8},  {"|i1", 1, DType::s8},  {"|b1", 1, DType::boolean}, {"<i2", 2, DType::s16},
    {"<i4", 4, DType::s32}, {"<i8", 8, DType::s64}, {"<f4", 4, DType::f32},     {"<f8", 8, std::nullopt},
};

}  // namespace

Result<Shape> npy_shape(std::span<const std::uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with("\x93NUMPY") || text.size() < 12) return Error{"is not a .npy file", "", kSaveAgain};
  const std::size_t start = file[6] == 1 ? 10 : 12;
  const std::size_t length = file[6] == 1 ? load<std::uint16_t>(&file[8]) : load<std::uint32_t>(&file[8]);
  if (length > text.size() - start) return Error{"is truncated in its header", "", kSaveAgain};
  const auto header = HeaderReader(text.substr(start, length)).read();
  if (!header) return Error{"has a header that cannot be read", "", kSaveAgain};
  return header->shape;
}

Result<std::vector<Bytes>> read_npy(std::span<const std::uint8_t> file, const Tensor& target) {
  MOTE_LET(encoder, Encoder::create(target));
  constexpr std::string_view kMagic = "\x93NUMPY";
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kMagic) || text.size() < 12) return Error{"is not a .npy file", "", kSaveAgain};
  const unsigned version = file[6];
  if (version < 1 || version > 3)
    return Error{fmt::format("has .npy version {}; 1 to 3 are known", version), "", kSaveAgain};
  const std::size_t start = version == 1 ? 10 : 12;
  const std::size_t length = version == 1 ? load<std::uint16_t>(&file[8]) : load<std::uint32_t>(&file[8]);
  if (length > text.size() - start) return Error{"is truncated in its header", "", kSaveAgain};
  const auto header = HeaderReader(text.substr(start, length)).read();
  if (!header) return Error{"has a header that cannot be read", "", kSaveAgain};

  const ArrayType* type = nullptr;
  for (const ArrayType& t : kTypes) {
    if (t.descr == header->descr) type = &t;
  }
  if (type == nullptr) {
    std::string descr = header->descr;
    for (char& c : descr) c = c < 0x20 || c > 0x7E ? '?' : c;
    return Error{fmt::format("holds elements of type '{}'", descr), "",
                 "use uint8, int8, int16, int32, int64, float32, float64 or bool, little endian"};
  }
  const bool real = header->descr[1] == 'f';
  if (!real && type->same != target.type && (encoder.quantised() || target.type == DType::f32)) {
    return Error{
        fmt::format("holds elements of type '{}' where {} is needed", header->descr, name_of(target)), "",
        fmt::format("save the quantised values as {}, or the real values as float32", mote::name_of(target.type))};
  }
  const auto inputs = count_inputs(header->shape, target.shape);
  if (!inputs) {
    return Error{fmt::format("has the shape {} where {} is needed", text_of(header->shape), name_of(target)), "",
                 "give the tensor's shape, or one more leading dimension for several inputs"};
  }
  if (header->fortran_order) return Error{"is stored in Fortran order", "", "save numpy.ascontiguousarray(...) of it"};

  const std::span<const std::uint8_t> data = file.subspan(start + length);
  const auto per_input = static_cast<std::size_t>(elements(target.shape)) * type->bytes;
  if (data.size() % per_input != 0 || data.size() / per_input != static_cast<std::size_t>(*inputs)) {
    return Error{fmt::format("has {} bytes of data where {} inputs of {} need {} each", data.size(), *inputs,
                             name_of(target), per_input),
                 "", "the file is truncated or damaged; save it again"};
  }
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < data.size();) {
    Bytes bytes;
    for (const std::size_t end = at + per_input; at < end; at += type->bytes) {
      if (Status s = convert(header->descr, &data[at], encoder, bytes); !s.ok()) {
        return std::move(s).error().in(fmt::format("element {}", at / type->bytes));
      }
    }
    out.push_back(std::move(bytes));
  }
  return out;
}

}  // namespace mote::input
