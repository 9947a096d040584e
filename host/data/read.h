// Recordings from files that nobody vouches for: sound, time series, images, and Edge Impulse's acquisition format.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "host/base/result.h"
#include "host/data/content.h"

namespace mote::data {

// What a recording becomes.
struct ReadOptions {
  double rate_hz = 16000;     // of sound
  double series_rate_hz = 0;  // of a series whose file does not state it
  double max_s = 7200;
  std::string key;  // of Edge Impulse signatures; empty: they are not checked
};

// What was done to a recording to make it fit; told, never silent.
struct Repairs {
  bool mixed = false;       // several channels of sound became one
  bool resampled = false;   // to rate_hz
  bool was_narrow = false;  // its own rate was lower: the upper frequencies stay empty
  std::size_t clipped = 0;  // samples beyond full scale
  bool unverified = false;  // an Edge Impulse file without a signature, or no key to check it
};

struct Recording {
  Content content;
  Repairs repairs;
};

// What a file is by its name's ending: .wav .flac .ogg .aiff are sound, .csv .tsv .txt .npy series, .png .jpg .bmp
// images; .json and .cbor are Edge Impulse's, whose sensors decide.
[[nodiscard]] bool is_readable(const std::filesystem::path& file, Kind kind);

// Errors: not what its name says, truncated, damaged, empty, too long, values that are no finite numbers; each with the
// line or sample where that can be said.
Result<Recording> read_recording(const std::filesystem::path& file, Kind kind, const ReadOptions& options);

// The parts behind it. `file` is the bytes.
Result<Recording> read_series_text(std::string_view file, const ReadOptions& options);
Result<Recording> read_acquisition(std::span<const std::uint8_t> file, bool cbor, Kind kind,
                                   const ReadOptions& options);

}  // namespace mote::data
