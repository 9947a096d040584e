// Reads the protobuf wire format. Field numbers are those of the ONNX IR specification; what is not needed is skipped.
#include "host/import/onnx_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/ir/verify.h"

namespace mote::onnx {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Messages and list entries of a file: far above what models for microcontrollers have, so that no file makes the host
// allocate a multiple of its own size.
constexpr std::size_t kMaxParts = std::size_t{1} << 18;
constexpr std::size_t kMaxNumbers = std::size_t{1} << 25;  // numbers in packed lists
constexpr std::size_t kMaxNameBytes = 200;

enum Wire : unsigned { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  unsigned wire = 0;
  std::uint64_t value = 0;  // of a varint or fixed field
  Bytes bytes;              // of a field with a length
};

// Reads one message field by field. Once something is wrong it stays so.
class Message {
 public:
  explicit Message(Bytes bytes) : rest_(bytes) {}

  bool next(Field& field) {
    if (rest_.empty() || bad_) return false;
    const std::uint64_t key = varint();
    field.number = key >> 3;
    field.wire = static_cast<unsigned>(key & 7U);
    switch (field.wire) {
      case kVarint: field.value = varint(); break;
      case kFixed64: field.value = fixed(8); break;
      case kFixed32: field.value = fixed(4); break;
      case kLength: {
        const std::uint64_t length = varint();
        if (bad_ || length > rest_.size()) return fail();
        field.bytes = rest_.first(static_cast<std::size_t>(length));
        rest_ = rest_.subspan(static_cast<std::size_t>(length));
        break;
      }
      default: return fail();
    }
    return !bad_ && (field.number != 0 || fail());
  }
  [[nodiscard]] bool bad() const { return bad_; }
  [[nodiscard]] bool more() const { return !rest_.empty() && !bad_; }

  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const std::uint64_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      out |= (byte & 0x7FU) << shift;
      if (byte < 0x80) return out;
    }
    bad_ = true;
    return 0;
  }
  std::uint64_t fixed(std::size_t size) {
    if (rest_.size() < size) {
      bad_ = true;
      return 0;
    }
    std::uint64_t out = 0;
    std::memcpy(&out, rest_.data(), size);  // little endian, like the host
    rest_ = rest_.subspan(size);
    return out;
  }

 private:
  bool fail() {
    bad_ = true;
    return false;
  }

  Bytes rest_;
  bool bad_ = false;
};

class Parser {
 public:
  Result<ModelProto> model(Bytes bytes) {
    ModelProto out;
    each(bytes, [&](const Field& f) {
      switch (f.number) {
        case 1: out.ir_version = integer(f); break;
        case 2: out.producer = text(f); break;
        case 7:
          out.has_graph = true;
          graph(f, out);
          break;
        case 8: out.opsets.push_back(opset(f)); break;
        case 25: out.has_functions = true; break;
        default: break;
      }
    });
    if (too_many_) {
      return Error{fmt::format("has more than {} parts", kMaxParts), "", "this model fits no microcontroller"};
    }
    if (bad_) {
      return Error{"is not an ONNX file, or damaged: something in it is no protobuf message of a model", "",
                   "give a .onnx file; copy or download it again"};
    }
    return out;
  }

 private:
  template <class F>
  void each(Bytes bytes, const F& visit) {
    Message message(bytes);
    Field field;
    while (!bad_ && message.next(field)) visit(field);
    bad_ = bad_ || message.bad();
  }
  template <class F>
  void each(const Field& field, const F& visit) {
    if (part(field)) each(field.bytes, visit);
  }
  // True when the field is a message or text that may be read.
  bool part(const Field& field) {
    if (++parts_ > kMaxParts) bad_ = too_many_ = true;
    if (field.wire != kLength) bad_ = true;
    return !bad_;
  }
  std::string text(const Field& f) {
    return part(f) ? std::string(reinterpret_cast<const char*>(f.bytes.data()), f.bytes.size()) : std::string();
  }
  std::int64_t integer(const Field& f) {
    if (f.wire != kVarint) bad_ = true;
    return static_cast<std::int64_t>(f.value);
  }
  float real(const Field& f) {
    if (f.wire != kFixed32) bad_ = true;
    return std::bit_cast<float>(static_cast<std::uint32_t>(f.value));
  }
  bool number() {
    if (++numbers_ > kMaxNumbers) bad_ = too_many_ = true;
    return !bad_;
  }
  // Repeated numbers come packed or one by one.
  void integers(const Field& f, std::vector<std::int64_t>& out) {
    if (f.wire == kVarint && number()) out.push_back(static_cast<std::int64_t>(f.value));
    if (f.wire != kLength) return;
    Message packed(f.bytes);
    while (packed.more() && number()) out.push_back(static_cast<std::int64_t>(packed.varint()));
    bad_ = bad_ || packed.bad();
  }
  void reals(const Field& f, std::vector<float>& out) {
    if (f.wire == kFixed32 && number()) out.push_back(real(f));
    if (f.wire != kLength) return;
    Message packed(f.bytes);
    while (packed.more() && number()) out.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(packed.fixed(4))));
    bad_ = bad_ || packed.bad();
  }
  void doubles(const Field& f, std::vector<double>& out) {
    if (f.wire == kFixed64 && number()) out.push_back(std::bit_cast<double>(f.value));
    if (f.wire != kLength) return;
    Message packed(f.bytes);
    while (packed.more() && number()) out.push_back(std::bit_cast<double>(packed.fixed(8)));
    bad_ = bad_ || packed.bad();
  }

  std::pair<std::string, std::int64_t> opset(const Field& message) {
    std::pair<std::string, std::int64_t> out;
    each(message, [&](const Field& f) {
      if (f.number == 1) out.first = text(f);
      if (f.number == 2) out.second = integer(f);
    });
    return out;
  }

  void graph(const Field& message, ModelProto& out) {
    each(message, [&](const Field& f) {
      switch (f.number) {
        case 1: out.nodes.push_back(node(f)); break;
        case 5: out.initializers.push_back(tensor(f)); break;
        case 11: out.inputs.push_back(port(f)); break;
        case 12: out.outputs.push_back(port(f)); break;
        case 15: out.has_sparse_initializers = true; break;
        default: break;
      }
    });
  }

  NodeProto node(const Field& message) {
    NodeProto out;
    each(message, [&](const Field& f) {
      switch (f.number) {
        case 1: out.inputs.push_back(text(f)); break;
        case 2: out.outputs.push_back(text(f)); break;
        case 3: out.name = text(f); break;
        case 4: out.op = text(f); break;
        case 5: out.attributes.push_back(attribute(f)); break;
        case 7: out.domain = text(f); break;
        default: break;
      }
    });
    return out;
  }

  Attribute attribute(const Field& message) {
    Attribute out;
    each(message, [&](const Field& f) {
      switch (f.number) {
        case 1: out.name = text(f); break;
        case 2: out.f = real(f); break;
        case 3: out.i = integer(f); break;
        case 4: out.s = text(f); break;
        case 5: out.t = tensor(f); break;
        case 6:
        case 11: out.has_graph = true; break;
        case 7: reals(f, out.floats); break;
        case 8: integers(f, out.ints); break;
        default: break;
      }
    });
    return out;
  }

  TensorProto tensor(const Field& message) {
    TensorProto out;
    each(message, [&](const Field& f) {
      switch (f.number) {
        case 1: integers(f, out.dims); break;
        case 2: out.type = integer(f); break;
        case 4: reals(f, out.floats); break;
        case 5:
        case 7:
        case 11: integers(f, out.integers); break;
        case 8: out.name = text(f); break;
        case 9:
          if (f.wire == kLength) out.raw = f.bytes;
          break;
        case 10: doubles(f, out.doubles); break;
        case 13: external(f, out); break;
        case 14: out.external = integer(f) == 1; break;
        default: break;
      }
    });
    return out;
  }

  void external(const Field& message, TensorProto& out) {
    std::string key, value;
    each(message, [&](const Field& f) {
      if (f.number == 1) key = text(f);
      if (f.number == 2) value = text(f);
    });
    if (key == "location") out.location = value;
    if (key == "offset") out.offset = value;
    if (key == "length") out.length = value;
  }

  Port port(const Field& message) {
    Port out;
    each(message, [&](const Field& f) {
      if (f.number == 1) out.name = text(f);
      if (f.number != 2) return;
      each(f, [&](const Field& type) {
        if (type.number != 1) return;  // sequences, maps and the like have no element type
        each(type, [&](const Field& t) {
          if (t.number == 1) out.type = integer(t);
          if (t.number != 2) return;
          out.has_shape = true;
          each(t, [&](const Field& d) {
            if (d.number == 1) out.dims.push_back(dim(d));
          });
        });
      });
    });
    return out;
  }

  Dim dim(const Field& message) {
    Dim out;
    each(message, [&](const Field& f) {
      if (f.number == 1) out.value = integer(f);
      if (f.number == 2) out.symbol = text(f);
    });
    return out;
  }

  std::size_t parts_ = 0;
  std::size_t numbers_ = 0;
  bool bad_ = false;
  bool too_many_ = false;
};

float half_to_float(std::uint32_t bits) {
  const std::uint32_t exponent = bits >> 10 & 31U;
  const std::uint32_t fraction = bits & 1023U;
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), static_cast<int>(exponent) - 25);
}

std::size_t size_in_file(std::int64_t type) {
  switch (type) {
    case kUint8:
    case kInt8:
    case kBool: return 1;
    case kInt16:
    case kFloat16:
    case kBfloat16: return 2;
    case kFloat:
    case kInt32: return 4;
    case kInt64:
    case kDouble: return 8;
    default: return 0;
  }
}

// One element of the file as bits, wherever it is stored.
std::uint64_t bits_of(const TensorProto& t, Bytes raw, bool is_raw, std::size_t i) {
  if (is_raw) {
    std::uint64_t bits = 0;
    const std::size_t size = size_in_file(t.type);
    std::memcpy(&bits, &raw[i * size], size);
    return bits;
  }
  if (t.type == kFloat) return std::bit_cast<std::uint32_t>(t.floats[i]);
  if (t.type == kDouble) return std::bit_cast<std::uint64_t>(t.doubles[i]);
  return static_cast<std::uint64_t>(t.integers[i]);
}

template <class T>
void store(T value, std::size_t i, std::vector<std::uint8_t>& out) {
  std::memcpy(&out[i * sizeof value], &value, sizeof value);
}

}  // namespace

std::string type_name(std::int64_t type) {
  constexpr std::array<const char*, 17> kNames = {"no type", "float",  "uint8",     "int8",       "uint16",  "int16",
                                                  "int32",   "int64",  "string",    "bool",       "float16", "double",
                                                  "uint32",  "uint64", "complex64", "complex128", "bfloat16"};
  return type >= 0 && type < static_cast<std::int64_t>(kNames.size()) ? kNames[static_cast<std::size_t>(type)]
                                                                      : fmt::format("type code {}", type);
}

std::optional<DType> dtype_of(std::int64_t type) {
  switch (type) {
    case kFloat:
    case kFloat16:
    case kBfloat16:
    case kDouble: return DType::f32;
    case kInt8: return DType::s8;
    case kUint8: return DType::u8;
    case kInt16: return DType::s16;
    case kInt32: return DType::s32;
    case kInt64: return DType::s64;
    case kBool: return DType::boolean;
    default: return std::nullopt;
  }
}

Result<ModelProto> parse_model(Bytes bytes) { return Parser().model(bytes); }

std::int64_t Constant::integer(std::int64_t i) const {
  const auto load = [&]<class T>(T value) {
    std::memcpy(&value, &data[static_cast<std::size_t>(i) * sizeof value], sizeof value);
    return static_cast<std::int64_t>(value);
  };
  switch (type) {
    case DType::s8: return load(std::int8_t{});
    case DType::s16: return load(std::int16_t{});
    case DType::s32: return load(std::int32_t{});
    case DType::s64: return load(std::int64_t{});
    default: return load(std::uint8_t{});
  }
}

double Constant::real(std::int64_t i) const {
  if (type != DType::f32) return static_cast<double>(integer(i));
  float value = 0;
  std::memcpy(&value, &data[static_cast<std::size_t>(i) * sizeof value], sizeof value);
  return static_cast<double>(value);
}

Result<std::span<const std::uint8_t>> ExternalData::bytes(const TensorProto& t) {
  namespace fs = std::filesystem;
  const fs::path location = t.location;
  const std::string where = fmt::format("external data '{}'", t.location.substr(0, kMaxNameBytes));
  if (folder_.empty() || t.location.empty()) {
    return Error{"is stored outside the model's file, and that file is not at hand", where,
                 "give the model as a file, with its data files beside it"};
  }
  std::error_code failure;
  const fs::path folder = fs::weakly_canonical(folder_, failure);
  const fs::path file = fs::weakly_canonical(folder / location, failure);
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (failure || location.is_absolute() || t.location.find('\0') != std::string::npos || end != folder.end()) {
    return Error{"lies outside the model's folder", where, "put the data file beside the model"};
  }
  auto at = files_.find(t.location);
  if (at == files_.end()) {
    auto content = read_file(file);
    if (!content.ok()) return std::move(content).error().in(where);
    at = files_.emplace(t.location, std::move(content).value()).first;
  }
  const Bytes all = at->second;
  const auto number = [](const std::string& text, std::uint64_t fallback) -> std::optional<std::uint64_t> {
    if (text.empty()) return fallback;
    std::uint64_t out = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && stop == text.data() + text.size() ? std::optional(out) : std::nullopt;
  };
  const auto offset = number(t.offset, 0);
  if (!offset || *offset > all.size()) return Error{"has an offset outside its file", where, "export the model again"};
  const auto length = number(t.length, all.size() - *offset);
  if (!length || *length > all.size() - *offset) {
    return Error{fmt::format("ends after the {} bytes of its file", all.size()), where, "copy the data file again"};
  }
  return all.subspan(static_cast<std::size_t>(*offset), static_cast<std::size_t>(*length));
}

Result<Constant> constant_of(const TensorProto& t, ExternalData& external) {
  const std::optional<DType> type = dtype_of(t.type);
  const std::size_t size = size_in_file(t.type);
  if (!type || size == 0) {
    return Error{fmt::format("has the type {}, which is not supported", type_name(t.type)), "",
                 "export the model with float, int8, uint8, int32 or int64 tensors"};
  }
  Constant out;
  out.type = *type;
  out.shape = t.dims;
  // An empty list is a value, too: no axes, no padding.
  const bool empty = t.dims == Shape{0};
  if (!empty) MOTE_TRY(check_shape(t.dims));
  const auto count = static_cast<std::size_t>(elements(t.dims));
  Bytes raw = t.raw.value_or(Bytes());
  if (t.external) {
    MOTE_LET(bytes, external.bytes(t));
    raw = bytes;
  }
  const bool is_raw = t.external || t.raw.has_value();
  const std::size_t stored = is_raw              ? raw.size() / size
                             : t.type == kFloat  ? t.floats.size()
                             : t.type == kDouble ? t.doubles.size()
                                                 : t.integers.size();
  if (stored != count || (is_raw && raw.size() != count * size)) {
    return Error{
        fmt::format("is a constant of shape {} with {} elements, but {} are given", text_of(t.dims), count, stored), "",
        "the file is damaged or its exporter is at fault; export the model again"};
  }
  out.data.resize(count * static_cast<std::size_t>(size_bytes(out.type)));
  const bool copies = is_raw && t.type != kFloat16 && t.type != kBfloat16 && t.type != kDouble && t.type != kBool;
  if (copies && !raw.empty()) std::memcpy(out.data.data(), raw.data(), raw.size());
  for (std::size_t i = 0; !copies && i < count; ++i) {
    const std::uint64_t bits = bits_of(t, raw, is_raw, i);
    switch (t.type) {
      case kFloat: store(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), i, out.data); break;
      case kFloat16: store(half_to_float(static_cast<std::uint32_t>(bits)), i, out.data); break;
      case kBfloat16: store(std::bit_cast<float>(static_cast<std::uint32_t>(bits & 0xFFFFU) << 16), i, out.data); break;
      case kDouble: {
        const double value = std::bit_cast<double>(bits);
        const bool fits = !(std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()));
        store(fits ? static_cast<float>(value)
                   : std::copysign(std::numeric_limits<float>::infinity(), value < 0 ? -1.0F : 1.0F),
              i, out.data);
        break;
      }
      case kInt64: store(bits, i, out.data); break;
      case kInt32: store(static_cast<std::uint32_t>(bits), i, out.data); break;
      case kInt16: store(static_cast<std::uint16_t>(bits), i, out.data); break;
      case kBool: out.data[i] = (bits & 0xFFU) != 0 ? 1 : 0; break;
      default: out.data[i] = static_cast<std::uint8_t>(bits); break;
    }
  }
  return out;
}

}  // namespace mote::onnx
