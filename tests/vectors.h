// Reader of the foreign vectors under tests/vectors; README.md there has the format.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/base/result.h"
#include "host/ir/types.h"

namespace mote::vectors {

using Bytes = std::vector<std::uint8_t>;

struct Port {
  DType type = DType::s8;
  Shape shape;
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(elements(shape) * size_bytes(type)); }
};

// One invocation: the bytes of every input, and of every output that the oracle gave.
struct Run {
  std::vector<Bytes> inputs;
  std::vector<Bytes> outputs;
};

struct Vector {
  std::string op;
  std::string name;
  std::filesystem::path model;  // the .tflite beside the .bin
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Run> runs;
};

// The .bin files under `folder`, sorted.
inline std::vector<std::filesystem::path> list(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".bin") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Reads one .bin. Errors: not a vector, truncated, trailing bytes, an unknown type.
inline Result<Vector> read(const std::filesystem::path& bin) {
  MOTE_LET(bytes, read_file(bin));
  std::size_t at = 8;
  const Error broken{"is not a whole vector file", bin.string(), "make it again with tools/vectors/generate.py"};
  const auto u32 = [&]() -> std::uint32_t {
    std::uint32_t v = 0;
    if (at + 4 <= bytes.size()) std::memcpy(&v, &bytes[at], 4);
    at += 4;
    return v;
  };
  if (bytes.size() < 20 || std::memcmp(bytes.data(), "MOTEVEC1", 8) != 0) return broken;
  Vector out;
  out.op = bin.parent_path().filename().string();
  out.name = bin.stem().string();
  out.model = std::filesystem::path(bin).replace_extension(".tflite");
  const std::uint32_t runs = u32();
  const std::uint32_t counts[2] = {u32(), u32()};
  std::vector<Port>* const ports[2] = {&out.inputs, &out.outputs};
  for (int side = 0; side < 2; ++side) {
    for (std::uint32_t i = 0; i < counts[side] && at < bytes.size(); ++i) {
      Port p;
      switch (u32()) {
        case 0: p.type = DType::f32; break;
        case 2: p.type = DType::s32; break;
        case 3: p.type = DType::u8; break;
        case 4: p.type = DType::s64; break;
        case 6: p.type = DType::boolean; break;
        case 7: p.type = DType::s16; break;
        case 9: p.type = DType::s8; break;
        default: return broken;
      }
      const std::uint32_t rank = u32();
      if (rank > kMaxRank) return broken;
      for (std::uint32_t d = 0; d < rank; ++d) p.shape.push_back(u32());
      ports[side]->push_back(std::move(p));
    }
  }
  for (std::uint32_t r = 0; r < runs; ++r) {
    Run run;
    for (int side = 0; side < 2; ++side) {
      for (const Port& p : *ports[side]) {
        if (at > bytes.size() || p.bytes() > bytes.size() - at) return broken;
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        (side == 0 ? run.inputs : run.outputs).emplace_back(begin, begin + static_cast<std::ptrdiff_t>(p.bytes()));
        at += p.bytes();
      }
    }
    out.runs.push_back(std::move(run));
  }
  if (at != bytes.size()) return broken;
  return out;
}

inline double element(DType type, const std::uint8_t* at) {
  const auto as = [at](auto v) {
    std::memcpy(&v, at, sizeof v);
    return static_cast<double>(v);
  };
  switch (type) {
    case DType::f32: return as(float{});
    case DType::s8: return as(std::int8_t{});
    case DType::s16: return as(std::int16_t{});
    case DType::s32: return as(std::int32_t{});
    case DType::s64: return as(std::int64_t{});
    case DType::u8:
    case DType::boolean: return as(std::uint8_t{});
  }
  return 0;
}

// "" where `got` is what the oracle gave: bit for bit for integers, within 1e-5 of the tensor's largest value for f32.
// Else "element 3 of 48: got 5, want 6 (7 differ)".
inline std::string difference(const Port& port, const Bytes& got, const Bytes& want) {
  if (got.size() != want.size()) return fmt::format("got {} bytes, want {}", got.size(), want.size());
  const auto width = static_cast<std::size_t>(size_bytes(port.type));
  const std::size_t count = want.size() / width;
  double tolerance = 0;
  if (port.type == DType::f32) {
    for (std::size_t i = 0; i < count; ++i) {
      const double w = std::fabs(element(port.type, &want[i * width]));
      if (std::isfinite(w)) tolerance = std::max(tolerance, 1e-5 * w);
    }
  }
  std::size_t differing = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::memcmp(&got[i * width], &want[i * width], width) == 0) continue;
    const double g = element(port.type, &got[i * width]);
    const double w = element(port.type, &want[i * width]);
    if (port.type == DType::f32 && (std::fabs(g - w) <= tolerance || (std::isnan(g) && std::isnan(w)))) continue;
    if (differing++ == 0) first = i;
  }
  if (differing == 0) return "";
  return fmt::format("element {} of {}: got {}, want {} ({} differ)", first, count,
                     element(port.type, &got[first * width]), element(port.type, &want[first * width]), differing);
}

}  // namespace mote::vectors
