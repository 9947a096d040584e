// Content as bytes.
#include "host/data/content.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "host/base/hash.h"

namespace mote::data {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written as memory lies");

constexpr std::size_t kWavHeaderBytes = 44;

std::string_view values_of(const Content& c) {
  switch (c.kind) {
    case Kind::sound: return {reinterpret_cast<const char*>(c.sound.data()), c.sound.size() * sizeof(std::int16_t)};
    case Kind::series: return {reinterpret_cast<const char*>(c.series.data()), c.series.size() * sizeof(float)};
    case Kind::image: return {reinterpret_cast<const char*>(c.pixels.data()), c.pixels.size()};
  }
  return {};
}

std::size_t values_bytes(const Content& c) {
  switch (c.kind) {
    case Kind::sound: return c.steps * sizeof(std::int16_t);
    case Kind::series: return c.steps * c.channels * sizeof(float);
    case Kind::image: return c.steps * c.columns * c.channels;
  }
  return 0;
}

std::string wav_header(const Content& c) {
  std::string out;
  const auto number = [&](std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i) & 0xFF);
  };
  const std::size_t bytes = values_bytes(c);
  const auto rate = static_cast<std::uint64_t>(c.rate_hz);
  out += "RIFF", number(bytes + 36, 4), out += "WAVEfmt ", number(16, 4);
  number(1, 2), number(1, 2), number(rate, 4), number(rate * 2, 4), number(2, 2), number(16, 2);
  out += "data", number(bytes, 4);
  return out;
}

// NumPy's format, version 1.0: the header fills up to a multiple of 64 bytes.
std::string npy_header(const Content& c) {
  const std::string shape = c.kind == Kind::series ? fmt::format("({}, {})", c.steps, c.channels)
                                                   : fmt::format("({}, {}, {})", c.steps, c.columns, c.channels);
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                 c.kind == Kind::series ? "<f4" : "|u1", shape);
  text.resize((10 + text.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  text += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(text.size() & 0xFF);
  out += static_cast<char>(text.size() >> 8);
  return out + text;
}

std::string header_of(const Content& c) { return c.kind == Kind::sound ? wav_header(c) : npy_header(c); }

}  // namespace

std::string content_hash(const Content& c) {
  std::string bytes =
      fmt::format("{} {} {} {} {}\n", static_cast<int>(c.kind), c.rate_hz, c.steps, c.columns, c.channels);
  bytes += values_of(c);
  return sha256_hex(bytes);
}

std::string encode_content(const Content& c) {
  std::string out = header_of(c);
  out += values_of(c);
  return out;
}

std::string extension_of(Kind kind) { return kind == Kind::sound ? ".wav" : ".npy"; }

Result<Content> decode_content(const std::vector<std::uint8_t>& file, Content shape) {
  const std::size_t header = shape.kind == Kind::sound ? kWavHeaderBytes : npy_header(shape).size();
  const std::size_t bytes = values_bytes(shape);
  if (file.size() != header + bytes) {
    return Error{fmt::format("has {} bytes where {} were stored", file.size(), header + bytes), "",
                 "the store was changed from outside; import the recording again"};
  }
  const std::uint8_t* from = file.data() + header;
  switch (shape.kind) {
    case Kind::sound:
      shape.sound.resize(shape.steps);
      std::memcpy(shape.sound.data(), from, bytes);
      break;
    case Kind::series:
      shape.series.resize(shape.steps * shape.channels);
      std::memcpy(shape.series.data(), from, bytes);
      break;
    case Kind::image: shape.pixels.assign(from, from + bytes); break;
  }
  return shape;
}

std::vector<std::int16_t> fit_clip(const std::vector<std::int16_t>& sound, std::size_t elems) {
  std::vector<std::int16_t> out(elems, 0);
  if (sound.size() <= elems) {
    std::memcpy(out.data() + (elems - sound.size()) / 2, sound.data(), sound.size() * sizeof(std::int16_t));
    return out;
  }
  const auto square = [&](std::size_t i) { return static_cast<std::int64_t>(sound[i]) * sound[i]; };
  std::int64_t energy = 0;
  for (std::size_t i = 0; i < elems; ++i) energy += square(i);
  std::int64_t most = energy;
  std::size_t first = 0;
  std::size_t last = 0;  // of the stretches that are equally loud: silence around a word lies on both sides of it
  for (std::size_t i = elems; i < sound.size(); ++i) {
    energy += square(i) - square(i - elems);
    if (energy > most) most = energy, first = i - elems + 1, last = first;
    if (energy == most) last = i - elems + 1;
  }
  std::memcpy(out.data(), sound.data() + (first + last) / 2, elems * sizeof(std::int16_t));
  return out;
}

}  // namespace mote::data
