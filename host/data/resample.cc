// libsoxr, in one call per sound.
#include "host/data/resample.h"

#include <fmt/format.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>

namespace mote::data {

Result<std::vector<float>> resample(const std::vector<float>& sound, double from_hz, double to_hz) {
  if (!(from_hz > 0) || !(to_hz > 0)) {
    return Error{fmt::format("cannot be resampled from {} Hz to {} Hz", from_hz, to_hz), "", ""};
  }
  if (from_hz == to_hz || sound.empty()) return sound;
  const auto wanted = static_cast<std::size_t>(std::llround(static_cast<double>(sound.size()) * to_hz / from_hz));
  std::vector<float> out(wanted);
  std::size_t done = 0;
  const soxr_error_t error = soxr_oneshot(from_hz, to_hz, 1, sound.data(), sound.size(), nullptr, out.data(),
                                          out.size(), &done, nullptr, nullptr, nullptr);
  if (error != nullptr) return Error{fmt::format("cannot be resampled: {}", soxr_strerror(error)), "", ""};
  out.resize(done);
  return out;
}

std::vector<std::int16_t> to_int16(const std::vector<float>& sound, std::size_t& clipped) {
  std::vector<std::int16_t> out(sound.size());
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const float v = std::nearbyint(sound[i] * 32768.0F);
    if (v > 32767.0F || v < -32768.0F) ++clipped;
    out[i] = static_cast<std::int16_t>(std::clamp(v, -32768.0F, 32767.0F));
  }
  return out;
}

}  // namespace mote::data
