// Quantisation of single values.
#include "host/input/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace mote::input {
namespace {

std::pair<std::int64_t, std::int64_t> range_of(DType type) {
  switch (type) {
    case DType::s8: return {-128, 127};
    case DType::u8: return {0, 255};
    case DType::s16: return {-32768, 32767};
    case DType::s32: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case DType::boolean: return {0, 1};
    default: return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

void append(const void* value, std::int64_t bytes, Bytes& out) {
  const auto* at = static_cast<const std::uint8_t*>(value);
  out.insert(out.end(), at, at + bytes);
}

}  // namespace

std::string name_of(const Tensor& target) {
  return fmt::format("the tensor '{}' {}{}", target.name, mote::name_of(target.type), text_of(target.shape));
}

Encoder::Encoder(const Tensor& target)
    : type_(target.type),
      quantised_(!target.quant.empty() && (type_ == DType::s8 || type_ == DType::u8 || type_ == DType::s16)) {
  if (!quantised_) return;
  scale_ = target.quant.scale[0];
  zero_point_ = target.quant.zero_point.at(0);
}

Result<Encoder> Encoder::create(const Tensor& target) {
  if (target.quant.per_channel()) return Error{"is an input with a scale per channel", name_of(target), ""};
  return Encoder(target);
}

Status Encoder::stored(std::int64_t value, Bytes& out) const {
  if (type_ == DType::f32) {
    const auto f = static_cast<float>(value);
    append(&f, sizeof f, out);
    return {};
  }
  const auto [low, high] = range_of(type_);
  if (value < low || value > high) {
    return Error{fmt::format("{} is outside {}..{} of {}", value, low, high, mote::name_of(type_)), "", ""};
  }
  append(&value, size_bytes(type_), out);  // the low bytes come first
  return {};
}

Status Encoder::real(double value, Bytes& out) const {
  if (type_ == DType::f32) {
    const auto f = static_cast<float>(value);
    append(&f, sizeof f, out);
    return {};
  }
  if (!quantised_) {
    // 2^63 is exact as a double, and the first value that does not fit.
    if (!(std::trunc(value) == value && value >= -0x1p63 && value < 0x1p63)) {
      return Error{fmt::format("{} is not an integer, but {} tensors without a scale hold integers", value,
                               mote::name_of(type_)),
                   "", ""};
    }
    return stored(static_cast<std::int64_t>(value), out);
  }
  if (!std::isfinite(value)) return Error{fmt::format("{} cannot be quantised", value), "", ""};
  const auto [low, high] = range_of(type_);
  const double q = std::round(static_cast<double>(static_cast<float>(value) / scale_)) + zero_point_;
  return stored(static_cast<std::int64_t>(std::clamp(q, static_cast<double>(low), static_cast<double>(high))), out);
}

}  // namespace mote::input
