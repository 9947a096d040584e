// Synthesis: noises against their spectra, near misses, and that an interrupted run ends where a whole one does.
#include "host/synth/synth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/synth/voices.h"

namespace mote::synth {
namespace {

bool has_espeak() { return find_program("espeak-ng", "").ok(); }

// Power between two frequencies, by the definition of the Fourier transform at a few hundred of them.
double power(const std::vector<float>& x, double low_hz, double high_hz, double rate_hz) {
  double sum = 0;
  const int lines = 40;
  for (int k = 0; k < lines; ++k) {
    const double w = 2 * std::numbers::pi * (low_hz + (high_hz - low_hz) * k / lines) / rate_hz;
    double re = 0;
    double im = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      re += static_cast<double>(x[i]) * std::cos(w * static_cast<double>(i));
      im += static_cast<double>(x[i]) * std::sin(w * static_cast<double>(i));
    }
    sum += (re * re + im * im) / lines;
  }
  return 10 * std::log10(sum * (high_hz - low_hz));
}

TEST(Noise, HasTheSlopeOfItsColour) {
  constexpr std::size_t kElems = 32768;
  // White gains 3 dB of power an octave, pink none, brown loses 3.
  const std::pair<const char*, double> expected[] = {{"white", 3}, {"pink", 0}, {"brown", -3}};
  for (const auto& [kind, slope] : expected) {
    const auto x = noise(kind, kElems, 16000, 7);
    const double octaves = 3;
    EXPECT_NEAR((power(x, 1600, 3200, 16000) - power(x, 200, 400, 16000)) / octaves, slope, 1.0) << kind;
    double squares = 0;
    for (const float v : x) squares += static_cast<double>(v) * static_cast<double>(v);
    EXPECT_NEAR(10 * std::log10(squares / kElems), -20, 0.01) << kind;
  }
  EXPECT_EQ(noise("pink", 100, 16000, 3), noise("pink", 100, 16000, 3));
  EXPECT_NE(noise("pink", 100, 16000, 3), noise("pink", 100, 16000, 4));
  // Hum: the mains and its third harmonic stand out.
  const auto hum = noise("hum", kElems, 16000, 1);
  const double mains = std::max(power(hum, 49, 51, 16000), power(hum, 59, 61, 16000));
  EXPECT_GT(mains, power(hum, 2000, 2002, 16000) + 20);
}

TEST(Phonemes, DistanceCountsWhatIsOutOfPlace) {
  using P = std::vector<std::string>;
  EXPECT_EQ(phoneme_distance(P{"t", "aI"}, P{"t", "aI"}), 0);
  EXPECT_EQ(phoneme_distance(P{"t", "aI", "n", "i"}, P{"S", "aI", "n", "i"}), 0.25);
  EXPECT_EQ(phoneme_distance(P{}, P{"a"}), 1);
}

TEST(Phonemes, NearMissesShareSoundsAndAreNotThePhrase) {
  if (!has_espeak()) GTEST_SKIP() << "espeak-ng is not installed";
  auto near = near_misses({"tiny M L"}, 40);
  ASSERT_TRUE(near.ok()) << near.error().text();
  EXPECT_EQ(near.value().size(), 40U);
  // One sound apart, as anyone hears.
  EXPECT_NE(std::ranges::find(near.value(), "tiny email"), near.value().end());
  EXPECT_EQ(std::ranges::find(near.value(), "tiny M L"), near.value().end());
  auto none = near_misses({"..."}, 4);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().what.find("no voice can say"), std::string::npos);
}

struct SynthTest : testing::Test {
  SynthTest() : folder(TemporaryFolder::create("synth").value()) {}
  Project project(const std::string& name) const {
    return Project::parse("[data]\nvalidation_percent = 20\ntest_percent = 20", folder.path() / name).value();
  }
  TemporaryFolder folder;
};

TEST_F(SynthTest, SpeakersStayInOneSplitAndAnInterruptedRunEndsAtTheSameData) {
  if (!has_espeak()) GTEST_SKIP() << "espeak-ng is not installed";
  SynthOptions options;
  options.phrase = "hello mote", options.count = 10, options.others = 6, options.noise = 5;
  auto whole = synthesise(project("whole"), options);
  ASSERT_TRUE(whole.ok()) << whole.error().text();
  EXPECT_TRUE(whole.value().failed.empty()) << whole.value().failed[0].what;
  EXPECT_EQ(whole.value().made + whole.value().duplicates, 21U);
  EXPECT_EQ(whole.value().labels.at("hello_mote") + whole.value().duplicates, 10U);
  auto set = data::Dataset::open(project("whole"));
  ASSERT_TRUE(set.ok());
  std::map<std::string, data::Split> split_of_group;
  std::size_t held_out = 0;
  for (const data::Example& e : set.value().examples()) {
    EXPECT_EQ(split_of_group.emplace(e.record.group, e.split).first->second, e.split) << e.record.group;
    EXPECT_TRUE(e.record.origin.starts_with("synthetic "));
    if (e.split != data::Split::train) ++held_out;
    EXPECT_GT(e.record.shape.seconds(), 0.05);
  }
  EXPECT_GE(held_out, 5U);

  // Half of it, as if stopped in the middle: any subset of the clips may be there.
  std::size_t calls = 0;
  auto stopped = synthesise(project("stopped"), options);
  ASSERT_TRUE(stopped.ok());
  {
    auto store = data::Store::open(project("stopped").data_folder(), false);
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE(store.value().remove("hello_mote", "synthetic espeak-ng").ok());
    ASSERT_TRUE(store.value().remove("_noise_", "").ok());
  }
  EXPECT_NE(data::Dataset::open(project("stopped")).value().hash(), set.value().hash());
  auto resumed = synthesise(project("stopped"), options, [&](std::size_t, std::size_t) { ++calls; });
  ASSERT_TRUE(resumed.ok());
  EXPECT_GT(resumed.value().kept, 0U);
  EXPECT_GT(resumed.value().made, 0U);
  EXPECT_GT(calls, 0U);
  EXPECT_EQ(data::Dataset::open(project("stopped")).value().hash(), set.value().hash());
}

}  // namespace
}  // namespace mote::synth
