// The pieces of front ends against their definitions.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <vector>

#include "device/signal/bits.h"
#include "device/signal/channels.h"
#include "device/signal/framing.h"
#include "device/signal/logarithm.h"
#include "device/signal/mel.h"
#include "device/signal/spectrum.h"
#include "host/signal/front_end.h"

namespace mote::signal {
namespace {

TEST(Bits, LengthsAndRoots) {
  EXPECT_EQ(bit_length(std::uint32_t{0}), 0);
  EXPECT_EQ(bit_length(std::uint32_t{255}), 8);
  EXPECT_EQ(bit_length(std::uint64_t{1} << 40), 41);
  EXPECT_EQ(rounded_square_root(0), 0U);
  EXPECT_EQ(rounded_square_root(2), 1U);
  EXPECT_EQ(rounded_square_root(3), 2U);  // 1.73
  EXPECT_EQ(rounded_square_root(6), 2U);  // 2.449
  EXPECT_EQ(rounded_square_root(7), 3U);  // 2.65
  EXPECT_EQ(rounded_square_root(std::uint64_t{1} << 62), 1U << 31);
  EXPECT_EQ(rounded_square_root(~std::uint64_t{0}), 0xFFFFFFFFU);
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t x = random() >> (random() % 60 + 4);
    ASSERT_EQ(rounded_square_root(x), static_cast<std::uint32_t>(std::llround(std::sqrt(static_cast<long double>(x)))))
        << x;
  }
}

TEST(Logarithm, IsWithinItsBound) {
  std::mt19937 random(2);
  for (int i = 0; i < 100000; ++i) {
    const std::uint32_t x = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(random()) >> (random() % 32));
    ASSERT_NEAR(log2_q16(x, -7) / 65536.0, std::log2(x) - 7, std::exp2(-14)) << x;
  }
  EXPECT_EQ(log2_q16(1, 0), 0);
  EXPECT_EQ(log2_q16(0x80000000, -31), 0);
}

TEST(Power, IsWithinItsBound) {
  for (std::int32_t x = -18 * 65536; x < 16 * 65536; x += 61) {
    const double exact = std::exp2(x / 65536.0 + 16);
    ASSERT_NEAR(exp2_q16(x), exact, 1 + exact * std::exp2(-14)) << x;
  }
  EXPECT_EQ(exp2_q16(0), 65536U);
  EXPECT_EQ(exp2_q16(3 * 65536), 8U * 65536);
  EXPECT_EQ(exp2_q16(16 * 65536), 0xFFFFFFFFU);
  EXPECT_EQ(exp2_q16(-2000000000), 0U);
}

TEST(Framing, CutsOverlappingFramesFromAnyPortions) {
  const FrameParams p{5, 2};
  std::vector<std::int16_t> history(static_cast<std::size_t>(frame_history_elems(p)));
  FrameState state{history.data()};
  const std::int16_t x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(frame_push(p, state, x, 0), 0);
  EXPECT_EQ(frame_push(p, state, x, 3), 3);
  EXPECT_EQ(state.filled, 3);
  EXPECT_EQ(frame_push(p, state, x + 3, 6), 2);
  EXPECT_EQ(std::vector(frame_samples(state) - 1, frame_samples(state) + 5),
            (std::vector<std::int16_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(frame_push(p, state, x + 5, 4), 2);
  EXPECT_EQ(std::vector(frame_samples(state) - 1, frame_samples(state) + 5),
            (std::vector<std::int16_t>{2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(frame_push(p, state, x + 7, 0), 0);
  EXPECT_EQ(state.filled, 5);
}

FrontEnd spectrogram(int fft_elems, double pre_emphasis) {
  FrontEndConfig config;
  config.block = Block::spectrogram;
  config.sample_rate_hz = 1000;
  config.frame_ms = fft_elems - 3;
  config.hop_ms = 10;
  config.pre_emphasis = pre_emphasis;
  auto out = FrontEnd::create(config);
  EXPECT_TRUE(out.ok()) << out.error().text();
  return std::move(out).value();
}

// Every length, at every level, against the sum that defines the transform.
TEST(Spectrum, IsTheFourierTransformOfTheWindowedFrame) {
  std::mt19937 random(3);
  for (int fft_log2 = 5; fft_log2 <= 12; ++fft_log2) {
    const int n = 1 << fft_log2;
    for (const double pre_emphasis : {0.0, 0.97}) {
      const FrontEnd f = spectrogram(n, pre_emphasis);
      const SpectrumParams& p = std::get<SpectrogramParams>(f.params()).spectrum;
      for (const int kind : {0, 1, 2, 3}) {
        // The frame and the sample before it.
        std::vector<std::int16_t> x(static_cast<std::size_t>(p.frame.frame_elems) + 1);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const int noise = static_cast<int>(random() % 65536) - 32768;
          const int square = (i / 3) % 2 == 0 ? -32768 : 32767;
          x[i] = static_cast<std::int16_t>(kind == 0 ? noise : kind == 1 ? noise >> 11 : kind == 2 ? square : -32768);
        }
        std::vector<std::int32_t> y(static_cast<std::size_t>(n));
        const double unit = std::exp2(spectrum(p, x.data() + 1, y.data()));
        double largest = 0;  // that any frequency can be
        double worst = 0;
        std::vector<double> v(static_cast<std::size_t>(p.frame.frame_elems));
        for (std::size_t i = 0; i < v.size(); ++i) {
          v[i] = (x[i + 1] - pre_emphasis * x[i]) * (p.window[i] / 32768.0);
          largest += std::abs(v[i]);
        }
        for (int k = 0; k <= n / 2; k += 1 + n / 64) {
          std::complex<double> sum = 0;
          for (std::size_t i = 0; i < v.size(); ++i) {
            sum += std::polar(v[i], -2 * std::numbers::pi * k * static_cast<double>(i) / n);
          }
          const auto at = static_cast<std::size_t>(2 * k);
          const std::complex<double> got = unit * (k == 0       ? std::complex<double>(y[0])
                                                   : k == n / 2 ? std::complex<double>(y[1])
                                                                : std::complex<double>(y[at], y[at + 1]));
          worst = std::max(worst, std::abs(got - sum));
        }
        EXPECT_LT(worst, largest * 8e-5) << n << " points, kind " << kind << ", pre-emphasis " << pre_emphasis;
      }
    }
  }
}

TEST(Spectrum, OfSilenceIsZero) {
  const FrontEnd f = spectrogram(64, 0);
  const auto& p = std::get<SpectrogramParams>(f.params());
  std::vector<std::int16_t> x(64);
  std::vector<std::int32_t> scratch(64);
  std::vector<std::int16_t> out(33, 77);
  spectrogram_frame(p, x.data() + 1, scratch.data(), out.data());
  EXPECT_EQ(out, std::vector<std::int16_t>(33, 0));
}

TEST(Mel, SumsBothSlopesOfASegment) {
  // One segment of two frequencies, (3, 4) and (0, 2): powers 25 and 4; rise 1/4 and 1/2.
  const std::int16_t edges[] = {1, 3, 3};
  const std::int16_t rise[] = {1024, 2048};
  const std::int16_t gain[] = {0};
  const MelParams p{1, edges, rise, gain};
  const std::int32_t y[] = {9, 9, 3, 4, 0, 2};
  const SegmentSums sums = mel_segment(p, y, 0);
  EXPECT_EQ(std::ldexp(sums.rise, sums.exponent), 25 * 0.25 + 4 * 0.5);
  EXPECT_EQ(std::ldexp(sums.fall, sums.exponent), 25 * 0.75 + 4 * 0.5);
  const SegmentSums empty = mel_segment(p, y, 1);
  EXPECT_EQ(empty.rise + empty.fall, 0U);
}

TEST(Mel, AddsEnergiesOfAnyExponents) {
  std::mt19937 random(4);
  for (int i = 0; i < 10000; ++i) {
    const Energy a{static_cast<std::uint32_t>(random()) >> (random() % 32),
                   static_cast<std::int32_t>(random() % 128) - 64};
    const Energy b{static_cast<std::uint32_t>(random()) >> (random() % 32),
                   static_cast<std::int32_t>(random() % 128) - 64};
    const double exact = std::ldexp(a.mantissa, a.exponent) + std::ldexp(b.mantissa, b.exponent);
    const Energy sum = add(a, b);
    ASSERT_NEAR(std::ldexp(sum.mantissa, sum.exponent), exact, exact * 1e-9);
  }
}

TEST(Deltas, AreRegressionSlopes) {
  const DeltaParams p{2, 2, static_cast<std::int32_t>(std::lround(32768.0 / 5))};
  std::vector<std::int16_t> history(static_cast<std::size_t>(delta_history_elems(p)));
  DeltaState state{history.data()};
  std::int16_t d[2];
  for (std::int16_t t = 0; t < 8; ++t) {
    const std::int16_t x[] = {static_cast<std::int16_t>(10 * t), 500};
    delta_frame(p, state, x, d);
    // A ramp: 2 * 10 of (2 * 20 + ...) / 10 at its begin, then its slope.
    const int ramp[] = {0, 2, 5, 8, 10, 10, 10, 10};
    EXPECT_EQ(d[0], ramp[t]) << t;
    EXPECT_EQ(d[1], 0);
  }
}

TEST(Deltas, SaturateAtTheSteepestSlope) {
  const DeltaParams p{1, 1, 32768};
  std::int16_t history[2];
  DeltaState state{history};
  std::int16_t d = 0;
  const std::int16_t low = -32768;
  const std::int16_t high = 32767;
  delta_frame(p, state, &low, &d);
  delta_frame(p, state, &high, &d);
  EXPECT_EQ(d, 32767);  // 65535 / 2, rounded up, does not fit
}

TEST(Normalise, RoundsAndSaturates) {
  const double scale[] = {0.5, -0.001, 100};
  const double offset[] = {-3, 10, 0};
  auto n = make_normalisation(scale, offset);
  ASSERT_TRUE(n.ok()) << n.error().text();
  const std::int16_t x[] = {33, 0, 2};
  std::int8_t y[3];
  normalise_frame(n.value().params(), x, y);
  EXPECT_EQ(y[0], 14);  // 16.5 rounds up
  EXPECT_EQ(y[1], 10);
  EXPECT_EQ(y[2], 127);
}

}  // namespace
}  // namespace mote::signal
