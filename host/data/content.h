// What an example holds: sound, a time series of channels, or an image; named by the hash of its values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"

namespace mote::data {

enum class Kind : std::uint8_t { sound, series, image };

struct Content {
  Kind kind = Kind::sound;
  double rate_hz = 0;        // of a sound or series; 0 where unknown
  std::size_t steps = 0;     // samples, rows of a series, rows of an image
  std::size_t columns = 1;   // of an image
  std::size_t channels = 1;  // of a series or image
  std::vector<std::int16_t> sound;
  std::vector<float> series;         // [steps][channels]
  std::vector<std::uint8_t> pixels;  // [steps][columns][channels]

  [[nodiscard]] double seconds() const { return rate_hz > 0 ? static_cast<double>(steps) / rate_hz : 0; }
};

// SHA-256 over the shape and the values: the same for equal recordings, whatever file they came in.
[[nodiscard]] std::string content_hash(const Content& content);

// As the file that people can open: a WAV, or a .npy.
[[nodiscard]] std::string encode_content(const Content& content);
[[nodiscard]] std::string extension_of(Kind kind);  // ".wav", ".npy"

// Back from such a file; `shape` says everything but the values. Errors: a file of another size.
Result<Content> decode_content(const std::vector<std::uint8_t>& file, Content shape);

// `elems` samples: a shorter sound is padded with silence on both sides, of a longer one the loudest stretch is taken.
[[nodiscard]] std::vector<std::int16_t> fit_clip(const std::vector<std::int16_t>& sound, std::size_t elems);

}  // namespace mote::data
