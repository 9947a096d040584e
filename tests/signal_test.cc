// Front ends against other people's numbers: committed vectors of SciPy, pymicro-features and TFLM, and recordings.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sndfile.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/signal/extract.h"
#include "host/signal/front_end.h"
#include "tests/support/float_front_end.h"

namespace mote::signal {
namespace {

namespace fs = std::filesystem;

struct Vector {
  std::vector<std::int16_t> samples;
  std::size_t rows = 0;
  std::size_t channels = 0;
  std::vector<float> values;
};

Vector read_vector(const std::string& name) {
  const fs::path path = fs::path(MOTE_SOURCE_DIR) / "tests" / "vectors" / "signal" / (name + ".features");
  auto bytes = read_file(path);
  EXPECT_TRUE(bytes.ok()) << path;
  Vector out;
  if (!bytes.ok()) return out;
  const std::uint8_t* at = bytes.value().data();
  EXPECT_EQ(std::memcmp(at, "MOTESIG1", 8), 0) << path;
  std::uint32_t sizes[3];
  std::memcpy(sizes, at + 8, sizeof sizes);
  out.samples.resize(sizes[0]);
  out.rows = sizes[1];
  out.channels = sizes[2];
  out.values.resize(out.rows * out.channels);
  const std::size_t sample_bytes = 2 * out.samples.size();
  EXPECT_EQ(bytes.value().size(), 20 + sample_bytes + 4 * out.values.size()) << path;
  std::memcpy(out.samples.data(), at + 20, sample_bytes);
  std::memcpy(out.values.data(), at + 20 + sample_bytes, 4 * out.values.size());
  return out;
}

FrontEnd front_end(const FrontEndConfig& config) {
  auto out = FrontEnd::create(config);
  EXPECT_TRUE(out.ok()) << out.error().text();
  return std::move(out).value();
}

// Signal and error power over channels from `first` on; with_mean false removes the reference's mean of each channel,
// which says nothing about the sound.
class Snr {
 public:
  Snr(std::size_t channels, std::size_t first = 0)
      : channels_(channels), first_(first), sum_(channels), squares_(channels) {}
  void add(std::span<const double> reference, std::span<const double> got) {
    for (std::size_t c = first_; c < channels_; ++c) {
      sum_[c] += reference[c];
      squares_[c] += reference[c] * reference[c];
      error_ += (got[c] - reference[c]) * (got[c] - reference[c]);
    }
    ++rows_;
  }
  [[nodiscard]] double decibels(bool with_mean) const {
    double power = 0;
    for (std::size_t c = first_; c < channels_; ++c) {
      power += squares_[c] - (with_mean ? 0 : sum_[c] * sum_[c] / static_cast<double>(rows_));
    }
    return 10 * std::log10(power / std::max(error_, 1e-300));
  }

 private:
  std::size_t channels_;
  std::size_t first_;
  std::size_t rows_ = 0;
  std::vector<double> sum_;
  std::vector<double> squares_;
  double error_ = 0;
};

struct Case {
  const char* file;
  FrontEndConfig config;
  double least_decibels;  // of the variation around each channel's mean
};

FrontEndConfig with(Block block, auto change) {
  FrontEndConfig config;
  config.block = block;
  change(config);
  return config;
}

class SciPy : public testing::TestWithParam<Case> {};

TEST_P(SciPy, AgreesWithinTheStatedNoise) {
  const Vector v = read_vector(GetParam().file);
  const FrontEnd f = front_end(GetParam().config);
  const Features features = extract(f, v.samples);
  ASSERT_EQ(features.rows(), v.rows);
  ASSERT_EQ(features.channels, v.channels);
  Snr snr(v.channels);
  const double unit = std::exp2(-f.fraction_bits());
  for (std::size_t r = 0; r < v.rows; ++r) {
    std::vector<double> reference;
    std::vector<double> got;
    for (std::size_t c = 0; c < v.channels; ++c) {
      reference.push_back(static_cast<double>(v.values[r * v.channels + c]));
      got.push_back(features.row(r)[c] * unit);
    }
    snr.add(reference, got);
  }
  RecordProperty("decibels", fmt::format("{:.1f}", snr.decibels(false)));
  EXPECT_GE(snr.decibels(false), GetParam().least_decibels);
}

const auto kPlain = [](FrontEndConfig&) {};

INSTANTIATE_TEST_SUITE_P(
    Signal, SciPy,
    testing::Values(Case{"mfe_0db", with(Block::mfe, kPlain), 60}, Case{"mfe_20db", with(Block::mfe, kPlain), 60},
                    Case{"mfe_40db", with(Block::mfe, kPlain), 60}, Case{"mfe_60db", with(Block::mfe, kPlain), 60},
                    Case{"mfcc_0db", with(Block::mfcc, kPlain), 50}, Case{"mfcc_20db", with(Block::mfcc, kPlain), 50},
                    Case{"mfcc_40db", with(Block::mfcc, kPlain), 50}, Case{"mfcc_60db", with(Block::mfcc, kPlain), 50},
                    Case{"mfe_pre_emphasis", with(Block::mfe, [](auto& c) { c.pre_emphasis = 0.97; }), 60},
                    Case{"mfe_hamming_25ms",
                         with(Block::mfe,
                              [](auto& c) {
                                c.window = Window::hamming;
                                c.frame_ms = 25;
                                c.hop_ms = 10;
                                c.low_hz = 125;
                                c.high_hz = 7500;
                              }),
                         60},
                    Case{"mfe_slaney_64ms",
                         with(Block::mfe,
                              [](auto& c) {
                                c.mel_scale = MelScale::slaney;
                                c.frame_ms = 64;
                                c.hop_ms = 32;
                                c.bands = 64;
                                c.low_hz = 50;
                                c.floor_log2 = -64;
                              }),
                         60},
                    Case{"mfe_8ms",
                         with(Block::mfe,
                              [](auto& c) {
                                c.frame_ms = 8;
                                c.hop_ms = 8;
                                c.bands = 12;
                              }),
                         60},
                    Case{"spectrogram", with(Block::spectrogram, kPlain), 55},
                    Case{"pcen", with(Block::pcen, kPlain), 50},
                    Case{"mfcc_deltas",
                         with(Block::mfcc,
                              [](auto& c) {
                                c.delta_reach = 2;
                                c.delta_orders = 2;
                              }),
                         45}),
    [](const auto& param) { return std::string(param.param.file); });

TEST(MicroFrontEnd, IsBitExactWithTheLibrary) {
  const Vector v = read_vector("micro_library");
  const Features features = extract(front_end(micro_front_end_config(10)), v.samples);
  ASSERT_EQ(features.rows(), v.rows);
  ASSERT_EQ(features.channels, v.channels);
  std::size_t differing = 0;
  for (std::size_t i = 0; i < v.values.size(); ++i) differing += static_cast<float>(features.values[i]) != v.values[i];
  EXPECT_EQ(differing, 0U) << "of " << v.values.size();
}

TEST(MicroFrontEnd, IsBitExactWithTflmsGraph) {
  const Vector v = read_vector("micro_graph");
  FrontEndConfig config = micro_front_end_config(20);
  config.micro.tables = MicroTables::graph;
  const Features features = extract(front_end(config), v.samples);
  ASSERT_EQ(features.rows(), v.rows);
  ASSERT_EQ(features.channels, v.channels);
  const Normalisation n = micro_normalisation(40);
  const std::vector<std::int8_t> got = normalise(n.params(), features);
  std::size_t differing = 0;
  for (std::size_t i = 0; i < v.values.size(); ++i) differing += static_cast<float>(got[i]) != v.values[i];
  EXPECT_EQ(differing, 0U) << "of " << v.values.size();
}

// The published quantisation is an integer division; ours is a product.
TEST(MicroFrontEnd, NormalisesAsPublishedForEveryFeature) {
  const Normalisation n = micro_normalisation(1);
  for (int x = 0; x <= 32767; ++x) {
    const auto feature = static_cast<std::int16_t>(x);
    std::int8_t got = 0;
    normalise_frame(n.params(), &feature, &got);
    ASSERT_EQ(got, std::min(127, (x * 256 + 333) / 666 - 128)) << x;
  }
}

TEST(Streaming, GivesTheNumbersOfABatchInAnyPortions) {
  const Vector v = read_vector("micro_library");
  for (const Block block : {Block::spectrogram, Block::mfe, Block::mfcc, Block::pcen, Block::micro}) {
    FrontEndConfig config = with(block, [](auto& c) {
      c.pre_emphasis = 0.97;
      c.delta_reach = 3;
      c.delta_orders = 2;
    });
    if (block == Block::micro) config.low_hz = 125;
    const FrontEnd f = front_end(config);
    const Features batch = extract(f, v.samples);
    ASSERT_GT(batch.rows(), 50U);
    for (const std::size_t portion : {1U, 77U, 256U, 512U, 100000U}) {
      Extractor stream(f);
      Features out;
      for (std::size_t at = 0; at < v.samples.size(); at += portion) {
        stream.push(std::span(v.samples).subspan(at, std::min(portion, v.samples.size() - at)), out);
      }
      EXPECT_EQ(out.values, batch.values) << to_string(block) << " in portions of " << portion;
    }
  }
}

// The double reference of the recordings: 40 bands, 32 ms, 16 ms, 20 to 8000 Hz.
class DoubleMfe {
 public:
  static constexpr int kBands = 40;
  DoubleMfe() {
    const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
    double corner[kBands + 2];
    for (int i = 0; i < kBands + 2; ++i) {
      corner[i] = 700 * (std::pow(10, (mel(20) + (mel(8000) - mel(20)) * i / (kBands + 1)) / 2595) - 1) / 31.25;
      edges_[i] = static_cast<std::int16_t>(std::ceil(corner[i] - 1e-9));
    }
    for (int i = 0; i + 1 < kBands + 2; ++i) {
      for (int k = edges_[i]; k < edges_[i + 1]; ++k) rise_.push_back((k - corner[i]) / (corner[i + 1] - corner[i]));
    }
    for (int n = 0; n < 512; ++n) window_.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / 512));
    for (int k = 0; k < 384; ++k) {
      twiddles_.push_back(std::cos(2 * std::numbers::pi * k / 512));
      twiddles_.push_back(-std::sin(2 * std::numbers::pi * k / 512));
    }
  }
  std::vector<double> energies(const std::int16_t* x) const {
    std::vector<double> scratch(512);
    std::vector<double> out(kBands);
    reference::float_mel_energies<double>({512, 9, kBands, window_.data(), twiddles_.data(), edges_, rise_.data()}, x,
                                          scratch.data(), out.data());
    return out;
  }

 private:
  std::int16_t edges_[kBands + 2];
  std::vector<double> rise_, window_, twiddles_;
};

double log2_floored(double energy) { return std::log2(std::max(energy, 1.0)); }

TEST(Reference, InDoubleIsSciPys) {
  const Vector v = read_vector("mfe_0db");
  const DoubleMfe reference;
  for (std::size_t r = 0; r < v.rows; ++r) {
    const std::vector<double> energies = reference.energies(&v.samples[r * 256]);
    for (std::size_t b = 0; b < v.channels; ++b) {
      ASSERT_NEAR(log2_floored(energies[b]), static_cast<double>(v.values[r * v.channels + b]), 1e-5) << r << " " << b;
    }
  }
}

std::vector<std::int16_t> read_sound(const fs::path& path) {
  SF_INFO info = {};
  SNDFILE* sound = sf_open(path.c_str(), SFM_READ, &info);
  if (sound == nullptr || info.channels != 1) return {};
  std::vector<std::int16_t> out(static_cast<std::size_t>(info.frames));
  sf_read_short(sound, out.data(), info.frames);
  sf_close(sound);
  return out;
}

// The wake word recordings beside the source tree, unpacked; empty when they are not there.
std::vector<std::vector<std::int16_t>> recordings(const fs::path& folder) {
  const fs::path tar = fs::path(MOTE_SOURCE_DIR) / ".." / "shared" / "data" / "audio" / "wakeword_alexa_217_flac.tar";
  std::vector<std::vector<std::int16_t>> out;
  if (!fs::exists(tar)) return out;
  auto unpacked = run_process({{"tar", "-xf", fs::absolute(tar).string()}, folder, std::chrono::minutes(1), ""});
  if (!unpacked.ok() || !unpacked.value().succeeded()) return out;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".flac") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); i += 4) out.push_back(read_sound(files[i]));
  return out;
}

// The table in docs/evidence/signal.md.
TEST(SignalQuality, OnRecordingsFromSixtyDecibelsDownToFullScale) {
  auto folder = TemporaryFolder::create("mote-signal");
  ASSERT_TRUE(folder.ok());
  const auto sounds = recordings(folder.value().path());
  if (sounds.empty()) GTEST_SKIP() << "no recordings beside the source tree (shared/data/audio)";
  const FrontEnd mfe = front_end(with(Block::mfe, kPlain));
  const FrontEnd mfcc = front_end(with(Block::mfcc, kPlain));
  const DoubleMfe reference;
  fmt::print("peak      MFE log   MFE energies   MFCC   MFCC without c0   (SNR in dB)\n");
  for (int level = 0; level >= -60; level -= 10) {
    Snr log(40);
    Snr linear(40);
    Snr cepstrum(13);
    Snr shape(13, 1);
    for (const auto& sound : sounds) {
      ASSERT_GT(sound.size(), 512U);
      double peak = 1;
      for (const std::int16_t x : sound) peak = std::max(peak, std::abs(static_cast<double>(x)));
      std::vector<std::int16_t> samples;
      for (const std::int16_t x : sound) {
        samples.push_back(static_cast<std::int16_t>(std::lround(x * (32767 / peak) * std::pow(10, level / 20.0))));
      }
      const Features a = extract(mfe, samples);
      const Features c = extract(mfcc, samples);
      for (std::size_t r = 0; r < a.rows(); ++r) {
        const std::vector<double> energies = reference.energies(&samples[r * 256]);
        std::vector<double> logs;
        std::vector<double> got;
        std::vector<double> got_linear;
        for (std::size_t b = 0; b < 40; ++b) {
          logs.push_back(log2_floored(energies[b]));
          got.push_back(a.row(r)[b] / 512.0);
          got_linear.push_back(a.row(r)[b] == 0 ? 0 : std::exp2(got.back()));
        }
        log.add(logs, got);
        linear.add(energies, got_linear);
        std::vector<double> dct;
        std::vector<double> got_dct;
        for (int k = 0; k < 13; ++k) {
          double sum = 0;
          for (int b = 0; b < 40; ++b) {
            sum += logs[static_cast<std::size_t>(b)] * std::cos(std::numbers::pi * k * (2 * b + 1) / 80);
          }
          dct.push_back(sum * std::sqrt((k == 0 ? 1 : 2) / 40.0));
          got_dct.push_back(c.row(r)[static_cast<std::size_t>(k)] * std::exp2(-mfcc.fraction_bits()));
        }
        cepstrum.add(dct, got_dct);
        shape.add(dct, got_dct);
      }
    }
    fmt::print("{:4} dBFS {:9.1f} {:14.1f} {:6.1f} {:17.1f}\n", level, log.decibels(false), linear.decibels(true),
               cepstrum.decibels(false), shape.decibels(false));
    EXPECT_GE(log.decibels(false), 45) << level;
    EXPECT_GE(linear.decibels(true), 45) << level;
    EXPECT_GE(cepstrum.decibels(false), 35) << level;
    EXPECT_GE(shape.decibels(false), 35) << level;
  }
}

}  // namespace
}  // namespace mote::signal
