// What can be done to a sound, each a pure function of its arguments.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "host/base/result.h"

namespace mote::augment {

using Sound = std::vector<float>;

// Reproducible on every computer, unlike the distributions of the standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  // Of a training step: different for every epoch and example.
  Dice(std::uint64_t seed, std::uint64_t epoch, std::uint64_t example);
  std::uint64_t bits();  // SplitMix64
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(bits() % n); }
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

[[nodiscard]] double power(std::span<const float> x);

// signal + g * noise, with g such that power(signal) / power(g * noise) is snr_db. Noise is repeated when it is
// shorter. Unchanged when either is silent.
[[nodiscard]] Sound mix(const Sound& signal, const Sound& noise, double snr_db);

[[nodiscard]] Sound scale(Sound x, double db);

// y[i] = x[i - by], silence where that is outside.
[[nodiscard]] Sound shift(const Sound& x, std::ptrdiff_t by);

// Faster and higher by a factor, as a tape that runs faster. Errors: as resample().
Result<Sound> change_speed(const Sound& x, double factor);

// As long as before by a factor, at the same pitch: frames of 30 ms overlap by half where they fit best (WSOLA).
[[nodiscard]] Sound stretch(const Sound& x, double factor, double rate_hz);

// Higher by so many semitones, as long as before. Errors: as resample().
Result<Sound> change_pitch(const Sound& x, double semitones, double rate_hz);

// A second-order notch: b0 b1 b2 a1 a2, of the frequency that is cut out and the width at -3 dB.
// Source: S. Orfanidis, Introduction to Signal Processing, 11.3; SciPy's iirnotch.
[[nodiscard]] std::array<double, 5> notch(double center_hz, double width_hz, double rate_hz);
[[nodiscard]] Sound filter(const Sound& x, const std::array<double, 5>& biquad);

struct Point {
  double x, y, z;
};

// A box-shaped room, one corner at the origin. Source: Allen and Berkley, 1979.
struct Room {
  Point size;
  Point source;
  Point microphone;
  double reflection = 0.7;  // share of pressure that comes back from a wall, in [0, 1)
  int order = 3;            // most reflections of a path
};

// One arrival of a sound.
struct Echo {
  double delay_s;
  double gain;  // reflection^n / distance, of a distance in metres
};
inline constexpr double kSpeedOfSound = 343;
// All paths of at most `order` reflections, by delay; the first is the direct one.
[[nodiscard]] std::vector<Echo> echoes(const Room& room);

// The sound with its echoes: the direct one arrives at time 0 with a gain of 1, so that neither time nor level moves.
[[nodiscard]] Sound reverberate(const Sound& x, const std::vector<Echo>& echoes, double rate_hz);

// The same with a recorded impulse response, whose greatest sample counts as the direct sound.
[[nodiscard]] Sound convolve(const Sound& x, const Sound& response);

}  // namespace mote::augment
