// .wav through libsndfile, from memory.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <sndfile.h>

#include "host/input/formats.h"

namespace mote::input {
namespace {

struct Memory {
  std::span<const std::uint8_t> bytes;
  sf_count_t at = 0;
};

sf_count_t length(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); }

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const auto size = static_cast<sf_count_t>(m.bytes.size());
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m.at : size;
  if (offset < -base || offset > size - base) return -1;
  m.at = base + offset;
  return m.at;
}

sf_count_t read(void* out, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const sf_count_t n = std::clamp<sf_count_t>(count, 0, static_cast<sf_count_t>(m.bytes.size()) - m.at);
  if (n > 0) std::memcpy(out, &m.bytes[static_cast<std::size_t>(m.at)], static_cast<std::size_t>(n));
  m.at += n;
  return n;
}

sf_count_t write(const void* /*bytes*/, sf_count_t /*count*/, void* /*user*/) { return 0; }

sf_count_t tell(void* user) { return static_cast<Memory*>(user)->at; }

}  // namespace

Result<std::vector<Bytes>> read_wav(std::span<const std::uint8_t> file, const Tensor& target) {
  MOTE_LET(encoder, Encoder::create(target));
  // libsndfile opens two dozen formats; only this one is meant.
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with("RIFF") || text.size() < 12 || text.substr(8, 4) != "WAVE") {
    return Error{"is not a .wav file", "", "convert it to 16-bit PCM in a .wav file"};
  }
  Memory memory{file};
  SF_VIRTUAL_IO io = {length, seek, read, write, tell};
  SF_INFO info = {};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound(sf_open_virtual(&io, SFM_READ, &info, &memory), sf_close);
  if (sound == nullptr)
    return Error{fmt::format("cannot be read: {}", sf_strerror(nullptr)), "", "convert it to 16-bit PCM"};
  if ((info.format & SF_FORMAT_SUBMASK) != SF_FORMAT_PCM_16) {
    return Error{"does not hold 16-bit PCM", "",
                 "convert it to 16-bit PCM, for example with sox in.wav -b 16 -e signed out.wav"};
  }
  const std::int64_t wanted = elements(target.shape);
  const std::int64_t channels = info.channels;
  if (info.frames < 0 || channels < 1 || info.frames > wanted || info.frames * channels != wanted) {
    return Error{fmt::format("has {} frames of {} channel{} where {} takes {} samples", info.frames, channels,
                             channels == 1 ? "" : "s", name_of(target), wanted),
                 "", "cut, pad or resample it first"};
  }
  std::vector<short> samples(static_cast<std::size_t>(wanted));
  if (sf_readf_short(sound.get(), samples.data(), info.frames) != info.frames) return Error{"is truncated", "", ""};
  Bytes out;
  for (const short s : samples) {
    MOTE_TRY(target.type == DType::s16 ? encoder.stored(s, out) : encoder.real(s / 32768.0, out));
  }
  return std::vector<Bytes>{std::move(out)};
}

}  // namespace mote::input
