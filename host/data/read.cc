// Sound through libsndfile, the rest through the readers of host/input.
#include "host/data/read.h"

#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "host/base/file.h"
#include "host/data/resample.h"
#include "host/input/formats.h"

namespace mote::data {
namespace {

namespace fs = std::filesystem;

std::string ending(const fs::path& file) {
  std::string out = file.extension().string();
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool one_of(std::string_view what, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, what) != list.end();
}

Error too_long(double seconds, double most) {
  return {fmt::format("lasts {:.1f} s, longer than data.max_s = {}", seconds, most), "",
          "cut it, or raise data.max_s in mote.toml"};
}

Result<Recording> read_sound(const fs::path& file, const ReadOptions& options) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound(sf_open(file.c_str(), SFM_READ, &info), sf_close);
  if (sound == nullptr) {
    return Error{fmt::format("cannot be read: {}", sf_strerror(nullptr)), "", "convert it to 16-bit WAV"};
  }
  if (info.samplerate <= 0 || info.channels <= 0 || info.channels > 64) {
    return Error{fmt::format("states {} Hz and {} channels", info.samplerate, info.channels), "", "convert it again"};
  }
  const double seconds = static_cast<double>(info.frames) / info.samplerate;
  if (seconds > options.max_s) return too_long(seconds, options.max_s);
  const auto channels = static_cast<std::size_t>(info.channels);
  constexpr std::size_t kChunkFrames = 65536;
  std::vector<float> chunk(kChunkFrames * channels);
  std::vector<float> mono;
  while (true) {
    const sf_count_t got = sf_readf_float(sound.get(), chunk.data(), kChunkFrames);
    if (got <= 0) break;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += chunk[i * channels + c];
      if (!std::isfinite(sum)) {
        return Error{fmt::format("sample {} is not a finite number", mono.size()), "", "record or convert it again"};
      }
      mono.push_back(channels == 1 ? sum : sum / static_cast<float>(channels));
    }
    // A header may claim less than the file goes on to hold.
    if (static_cast<double>(mono.size()) > options.max_s * info.samplerate)
      return too_long(options.max_s, options.max_s);
  }
  if (sf_error(sound.get()) != SF_ERR_NO_ERROR) {
    return Error{fmt::format("is damaged after {} samples: {}", mono.size(), sf_strerror(sound.get())), "",
                 "record or convert it again"};
  }
  if (mono.empty()) return Error{"holds no samples", "", ""};
  // Some streams do not state their length.
  constexpr sf_count_t kUnstated = sf_count_t{1} << 40;
  if (info.frames < kUnstated && static_cast<sf_count_t>(mono.size()) < info.frames) {
    return Error{fmt::format("ends after {} of {} samples", mono.size(), info.frames), "",
                 "it is truncated; copy it again"};
  }
  Recording out;
  out.repairs.mixed = channels > 1;
  out.repairs.resampled = info.samplerate != options.rate_hz;
  out.repairs.was_narrow = info.samplerate < options.rate_hz;
  MOTE_LET(resampled, resample(mono, info.samplerate, options.rate_hz));
  Content& c = out.content;
  c.kind = Kind::sound;
  c.rate_hz = options.rate_hz;
  c.sound = to_int16(resampled, out.repairs.clipped);
  c.steps = c.sound.size();
  return out;
}

bool number(std::string_view text, double& out) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> cells_of(std::string_view line) {
  const bool separated = line.find_first_of(",;\t") != std::string_view::npos;
  const std::string_view separators = separated ? ",;\t" : " ";
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = std::min(line.find_first_of(separators), line.size());
    std::string_view cell = line.substr(0, end);
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"' || cell.back() == '\r')) cell.remove_suffix(1);
    if (separated || !cell.empty()) out.push_back(cell);
    if (end == line.size()) return out;
    line.remove_prefix(end + 1);
  }
}

bool is_time(std::string_view name) {
  std::string lower(name.substr(0, 16));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.starts_with("time") || lower == "t" || lower.starts_with("ts_");
}

Result<Recording> read_npy_series(std::span<const std::uint8_t> file, const ReadOptions& options) {
  MOTE_LET(shape, input::npy_shape(file));
  if (shape.empty() || shape.size() > 2) {
    return Error{fmt::format("has {} dimensions", shape.size()), "", "a series is [steps] or [steps, channels]"};
  }
  for (const std::int64_t d : shape) {
    if (d <= 0) return Error{"holds no values", "", ""};
    if (d > static_cast<std::int64_t>(kMaxFileBytes)) return Error{"states more values than a file holds", "", ""};
  }
  Tensor tensor;
  tensor.type = DType::f32;
  tensor.shape = shape;
  MOTE_LET(values, input::read_npy(file, tensor));
  Recording out;
  Content& c = out.content;
  c.kind = Kind::series;
  c.rate_hz = options.series_rate_hz;
  c.steps = static_cast<std::size_t>(shape[0]);
  c.channels = shape.size() == 2 ? static_cast<std::size_t>(shape[1]) : 1;
  c.series.resize(c.steps * c.channels);
  std::memcpy(c.series.data(), values.at(0).data(), c.series.size() * sizeof(float));
  for (std::size_t i = 0; i < c.series.size(); ++i) {
    if (!std::isfinite(c.series[i])) {
      return Error{"is not a finite number", fmt::format("row {}, column {}", i / c.channels, i % c.channels),
                   "remove or fill such rows"};
    }
  }
  return out;
}

Result<Recording> read_picture(std::span<const std::uint8_t> file) {
  MOTE_LET(picture, input::decode_picture(file));
  Recording out;
  Content& c = out.content;
  c.kind = Kind::image;
  c.steps = static_cast<std::size_t>(picture.height);
  c.columns = static_cast<std::size_t>(picture.width);
  c.channels = static_cast<std::size_t>(picture.channels);
  c.pixels = std::move(picture.pixels);
  return out;
}

}  // namespace

bool is_readable(const fs::path& file, Kind kind) {
  const std::string e = ending(file);
  switch (kind) {
    case Kind::sound:
      return one_of(e, {".wav", ".flac", ".ogg", ".oga", ".opus", ".aiff", ".aif", ".mp3", ".json", ".cbor"});
    case Kind::series: return one_of(e, {".csv", ".tsv", ".txt", ".npy", ".json", ".cbor"});
    case Kind::image: return one_of(e, {".png", ".jpg", ".jpeg", ".bmp"});
  }
  return false;
}

// Rows of numbers, with a line of names or without; a first column that is called time gives the rate.
Result<Recording> read_series_text(std::string_view file, const ReadOptions& options) {
  if (file.starts_with("\xEF\xBB\xBF")) file.remove_prefix(3);
  Recording out;
  Content& c = out.content;
  c.kind = Kind::series;
  c.rate_hz = options.series_rate_hz;
  std::size_t columns = 0;
  bool timed = false;
  std::vector<double> times_ms;
  for (std::size_t line = 1; !file.empty(); ++line) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view text = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos || text.starts_with('#')) continue;
    const auto cells = cells_of(text);
    if (cells.empty()) {
      return Error{"holds nothing but separators", fmt::format("line {}", line), "remove or fill such lines"};
    }
    double value = 0;
    if (columns == 0) {
      columns = cells.size();
      if (!number(cells[0], value)) {
        timed = is_time(cells[0]) && columns > 1;
        continue;
      }
    }
    const std::string where = fmt::format("line {}", line);
    if (cells.size() != columns) {
      return Error{fmt::format("has {} numbers where the lines before have {}", cells.size(), columns), where,
                   "give every line the same columns"};
    }
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string cell = fmt::format("{}, column {}", where, i + 1);
      if (!number(cells[i], value)) return Error{"is not a number", cell, "remove or fill such lines"};
      if (!std::isfinite(value)) return Error{"is not a finite number", cell, "remove or fill such lines"};
      if (timed && i == 0) {
        times_ms.push_back(value);
      } else {
        c.series.push_back(static_cast<float>(value));
      }
    }
    ++c.steps;
  }
  if (c.steps == 0) return Error{"holds no rows of numbers", "", ""};
  c.channels = columns - (timed ? 1 : 0);
  if (times_ms.size() > 1 && c.rate_hz == 0) {
    const double span = times_ms.back() - times_ms.front();
    if (!(span > 0)) return Error{"has times that do not rise", "", "sort the rows, or leave the column out"};
    c.rate_hz = 1000 * static_cast<double>(times_ms.size() - 1) / span;
  }
  if (c.seconds() > options.max_s) return too_long(c.seconds(), options.max_s);
  return out;
}

Result<Recording> read_recording(const fs::path& file, Kind kind, const ReadOptions& options) {
  const std::string e = ending(file);
  if (kind == Kind::sound && e != ".json" && e != ".cbor") return read_sound(file, options);
  MOTE_LET(bytes, read_file(file));
  if (kind == Kind::image) return read_picture(bytes);
  if (e == ".json" || e == ".cbor") return read_acquisition(bytes, e == ".cbor", kind, options);
  if (e == ".npy") return read_npy_series(bytes, options);
  return read_series_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, options);
}

}  // namespace mote::data
