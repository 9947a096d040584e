// The effects.
#include "host/augment/effects.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "host/data/resample.h"

namespace mote::augment {

Dice::Dice(std::uint64_t seed, std::uint64_t epoch, std::uint64_t example) : state_(seed) {
  state_ = bits() ^ epoch;
  state_ = bits() ^ example;
}

std::uint64_t Dice::bits() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

double power(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

Sound mix(const Sound& signal, const Sound& noise, double snr_db) {
  if (noise.empty()) return signal;
  Sound n(signal.size());
  for (std::size_t i = 0; i < n.size(); ++i) n[i] = noise[i % noise.size()];
  const double of_signal = power(signal);
  const double of_noise = power(n);
  if (of_signal == 0 || of_noise == 0) return signal;
  const auto gain = static_cast<float>(std::sqrt(of_signal / of_noise * std::pow(10, -snr_db / 10)));
  for (std::size_t i = 0; i < n.size(); ++i) n[i] = signal[i] + gain * n[i];
  return n;
}

Sound scale(Sound x, double db) {
  const auto gain = static_cast<float>(std::pow(10, db / 20));
  for (float& v : x) v *= gain;
  return x;
}

Sound shift(const Sound& x, std::ptrdiff_t by) {
  Sound out(x.size(), 0.0F);
  const auto n = static_cast<std::ptrdiff_t>(x.size());
  for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(0, by); i < std::min(n, n + by); ++i) {
    out[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(i - by)];
  }
  return out;
}

Result<Sound> change_speed(const Sound& x, double factor) { return data::resample(x, factor, 1); }

Sound stretch(const Sound& x, double factor, double rate_hz) {
  const auto hop = static_cast<std::size_t>(0.015 * rate_hz);
  const std::size_t frame = 2 * hop;
  const std::size_t reach = hop / 2;
  if (x.size() < frame + reach || factor == 1) return x;
  Sound out(static_cast<std::size_t>(static_cast<double>(x.size()) * factor), 0.0F);
  std::size_t at = 0;  // where the frame that was laid down last began in x
  for (std::size_t to = 0; to + frame <= out.size(); to += hop) {
    const auto wanted = static_cast<std::size_t>(static_cast<double>(to) / factor);
    std::size_t best = std::min(wanted, x.size() - frame);
    if (to > 0 && at + hop + hop <= x.size()) {
      // Of the frames near the wanted place, the one that is most like what would have followed the last.
      const float* next = &x[at + hop];
      const std::size_t first = wanted > reach ? wanted - reach : 0;
      const std::size_t last = std::min(wanted + reach, x.size() - frame);
      double most = -1e30;
      for (std::size_t p = first; p <= last; p += 2) {
        float sum = 0;
        for (std::size_t i = 0; i < hop; i += 2) sum += next[i] * x[p + i];
        if (static_cast<double>(sum) > most) most = static_cast<double>(sum), best = p;
      }
    }
    at = best;
    for (std::size_t i = 0; i < frame; ++i) {
      const double w = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(frame));
      out[to + i] += static_cast<float>(w) * x[at + i];
    }
  }
  return out;
}

Result<Sound> change_pitch(const Sound& x, double semitones, double rate_hz) {
  const double factor = std::pow(2, semitones / 12);
  MOTE_LET(out, change_speed(stretch(x, factor, rate_hz), factor));
  out.resize(x.size(), 0.0F);
  return out;
}

std::array<double, 5> notch(double center_hz, double width_hz, double rate_hz) {
  const double center = 2 * std::numbers::pi * center_hz / rate_hz;
  const double beta = std::tan(std::numbers::pi * width_hz / rate_hz);
  const double gain = 1 / (1 + beta);
  return {gain, -2 * gain * std::cos(center), gain, -2 * gain * std::cos(center), 2 * gain - 1};
}

Sound filter(const Sound& x, const std::array<double, 5>& q) {
  Sound out(x.size());
  double s1 = 0;
  double s2 = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto v = static_cast<double>(x[i]);
    const double y = q[0] * v + s1;
    s1 = q[1] * v - q[3] * y + s2;
    s2 = q[2] * v - q[4] * y;
    out[i] = static_cast<float>(y);
  }
  return out;
}

std::vector<Echo> echoes(const Room& room) {
  std::vector<Echo> out;
  // Along one axis, image n of the source lies at 2 n L + s after |2n| reflections, or at 2 n L - s after |2n - 1|.
  const auto images = [&](double size, double source) {
    std::vector<std::pair<double, int>> list;
    for (int n = -room.order; n <= room.order; ++n) {
      list.emplace_back(2 * n * size + source, std::abs(2 * n));
      list.emplace_back(2 * n * size - source, std::abs(2 * n - 1));
    }
    return list;
  };
  const auto xs = images(room.size.x, room.source.x);
  const auto ys = images(room.size.y, room.source.y);
  const auto zs = images(room.size.z, room.source.z);
  for (const auto& [x, nx] : xs) {
    for (const auto& [y, ny] : ys) {
      if (nx + ny > room.order) continue;
      for (const auto& [z, nz] : zs) {
        const int n = nx + ny + nz;
        if (n > room.order) continue;
        const double distance = std::hypot(x - room.microphone.x, y - room.microphone.y, z - room.microphone.z);
        constexpr double kNearest = 0.1;  // a microphone is not inside a mouth
        out.push_back({distance / kSpeedOfSound, std::pow(room.reflection, n) / std::max(distance, kNearest)});
      }
    }
  }
  std::ranges::sort(out, {}, &Echo::delay_s);
  return out;
}

Sound reverberate(const Sound& x, const std::vector<Echo>& paths, double rate_hz) {
  if (paths.empty()) return x;
  Sound out(x.size(), 0.0F);
  for (const Echo& e : paths) {
    const auto delay = static_cast<std::size_t>(std::lround((e.delay_s - paths[0].delay_s) * rate_hz));
    const auto gain = static_cast<float>(e.gain / paths[0].gain);
    for (std::size_t i = delay; i < x.size(); ++i) out[i] += gain * x[i - delay];
  }
  return out;
}

Sound convolve(const Sound& x, const Sound& response) {
  if (response.empty()) return x;
  const auto loudest = std::ranges::max_element(response, {}, [](float v) { return std::abs(v); });
  const float direct = *loudest;
  if (direct == 0.0F) return x;
  Sound out(x.size(), 0.0F);
  for (auto tap = loudest; tap != response.end(); ++tap) {
    const auto delay = static_cast<std::size_t>(tap - loudest);
    const float gain = *tap / direct;
    if (std::abs(gain) < 1e-4F) continue;  // -80 dB
    for (std::size_t i = delay; i < x.size(); ++i) out[i] += gain * x[i - delay];
  }
  return out;
}

}  // namespace mote::augment
