// Augmentation against formulas, SciPy and hand geometry; and that it depends on its seed alone.
#include "host/augment/augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "host/base/file.h"

namespace mote::augment {
namespace {

Sound sine(double hz, std::size_t elems, double level = 0.5) {
  Sound out(elems);
  for (std::size_t i = 0; i < elems; ++i) {
    out[i] = static_cast<float>(level * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 16000));
  }
  return out;
}

double crossings_hz(const Sound& x) {
  std::size_t count = 0;
  const std::size_t margin = x.size() / 8;  // the ends are fading in and out
  for (std::size_t i = margin + 1; i + margin < x.size(); ++i) count += x[i - 1] < 0 && x[i] >= 0 ? 1 : 0;
  return static_cast<double>(count) * 16000 / static_cast<double>(x.size() - 2 * margin);
}

TEST(Effects, MixKeepsTheSignalToNoiseRatio) {
  const Sound signal = sine(440, 16000);
  const Sound other = sine(3000, 5000, 0.01);  // shorter: repeated
  for (const double snr_db : {-10.0, 0.0, 7.5, 30.0}) {
    const Sound mixed = mix(signal, other, snr_db);
    Sound rest(mixed.size());
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = mixed[i] - signal[i];
    EXPECT_NEAR(10 * std::log10(power(signal) / power(rest)), snr_db, 1e-3);
  }
  const Sound silence(100, 0.0F);
  EXPECT_EQ(mix(silence, other, 5), silence);
  EXPECT_EQ(mix(signal, silence, 5), signal);
}

TEST(Effects, GainAndShift) {
  EXPECT_NEAR(scale({0.5F}, -20)[0], 0.05, 1e-7);
  EXPECT_NEAR(scale({0.25F}, 6.0206)[0], 0.5, 1e-6);
  EXPECT_EQ(shift({1, 2, 3, 4}, 1), (Sound{0, 1, 2, 3}));
  EXPECT_EQ(shift({1, 2, 3, 4}, -2), (Sound{3, 4, 0, 0}));
  EXPECT_EQ(shift({1, 2}, 5), (Sound{0, 0}));
  EXPECT_EQ(shift({1, 2}, -5), (Sound{0, 0}));
}

TEST(Effects, SpeedChangesTimeAndPitchTogetherPitchOnlyItself) {
  const Sound x = sine(500, 16000);
  const Sound fast = change_speed(x, 1.25).value();
  EXPECT_NEAR(static_cast<double>(fast.size()), 12800, 2);
  EXPECT_NEAR(crossings_hz(fast), 625, 3);
  const Sound high = change_pitch(x, 12, 16000).value();  // an octave
  EXPECT_EQ(high.size(), x.size());
  EXPECT_NEAR(crossings_hz(high), 1000, 25);
  const Sound longer = stretch(x, 1.5, 16000);
  EXPECT_NEAR(static_cast<double>(longer.size()), 24000, 1);
  EXPECT_NEAR(crossings_hz(longer), 500, 12);
}

// scipy.signal.iirnotch(1000, 1000 / 250, fs=16000) and lfilter of an impulse; SciPy 1.17.1.
TEST(Effects, NotchIsScipys) {
  const auto q = notch(1000, 250, 16000);
  const double coefficients[] = {0.95317358, -1.76123513, 0.95317358, -1.76123513, 0.90634717};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(q[i], coefficients[i], 1e-8);
  const Sound response = filter({1, 0, 0, 0, 0, 0, 0, 0}, q);
  const double expected[] = {0.95317358, -0.08247233, -0.05598576, -0.02385552,
                             0.00872735, 0.0369923,   0.05724213,  0.06728898};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(response[i], expected[i], 1e-7);
}

// A source 3 m from a microphone on the room's long axis; every distance by hand.
TEST(Room, EchoesArriveWhenGeometrySays) {
  Room room;
  room.size = {10, 4, 3};
  room.source = {2, 2, 1.5};
  room.microphone = {5, 2, 1.5};
  room.reflection = 0.5;
  room.order = 1;
  const auto paths = echoes(room);
  ASSERT_EQ(paths.size(), 7U);  // direct, and one off each wall
  EXPECT_NEAR(paths[0].delay_s * 343, 3, 1e-12);
  EXPECT_NEAR(paths[0].gain, 1.0 / 3, 1e-12);
  // Floor and ceiling are 1.5 m off: hypot(3, 3). Side walls 2 m: hypot(3, 4) = 5.
  for (const std::size_t i : {1U, 2U}) EXPECT_NEAR(paths[i].delay_s * 343, std::sqrt(18.0), 1e-12);
  for (const std::size_t i : {3U, 4U}) EXPECT_NEAR(paths[i].delay_s * 343, 5, 1e-12);
  // Behind the source: 2 + 5 = 7 m. Behind the microphone: 8 + 5 = 13 m.
  EXPECT_NEAR(paths[5].delay_s * 343, 7, 1e-12);
  EXPECT_NEAR(paths[6].delay_s * 343, 13, 1e-12);
  EXPECT_NEAR(paths[6].gain, 0.5 / 13, 1e-12);
  room.order = 2;
  EXPECT_EQ(echoes(room).size(), 25U);  // sums of three numbers of at most 2: 1 + 6 + 18

  Sound click(2000, 0.0F);
  click[0] = 1;
  room.order = 1;
  const Sound heard = reverberate(click, echoes(room), 16000);
  EXPECT_FLOAT_EQ(heard[0], 1);
  const auto at = static_cast<std::size_t>(std::lround((13.0 - 3.0) / 343 * 16000));
  EXPECT_NEAR(heard[at], 0.5 / 13 * 3, 1e-6);
}

TEST(Room, RecordedResponsesStartAtTheirDirectSound) {
  const Sound heard = convolve({1, 0, 0, 0, 2, 0}, {0.01F, 0.5F, 0, 0.25F});
  EXPECT_EQ(heard, (Sound{1, 0, 0.5F, 0, 2, 0}));
}

struct AugmenterTest : testing::Test {
  AugmenterTest() : folder(TemporaryFolder::create("augment").value()) {
    auto store = data::Store::open(folder.path() / "data", true);
    for (int i = 0; i < 3; ++i) {
      data::Content c;
      c.rate_hz = 16000, c.steps = 32000;
      Dice dice(static_cast<std::uint64_t>(i));
      for (std::size_t k = 0; k < c.steps; ++k) c.sound.push_back(static_cast<std::int16_t>(dice.between(-3000, 3000)));
      data::Record r;
      r.label = i == 0 ? "word" : data::kNoiseLabel, r.group = std::to_string(i), r.origin = "real", r.source = "x";
      r.split = i == 2 ? data::Split::test : data::Split::train;
      EXPECT_TRUE(store.value().put(r, c).ok());
    }
  }
  Result<Augmenter> augmenter(const std::string& toml = "") const {
    const Project project = Project::parse(toml, folder.path()).value();
    return Augmenter::create(project, data::Dataset::open(project).value());
  }
  TemporaryFolder folder;
};

TEST_F(AugmenterTest, DependsOnSeedEpochAndExampleAlone) {
  const Augmenter a = augmenter().value();
  EXPECT_EQ(a.noise_count(), 1U);  // that of the test split is not heard in training
  std::vector<std::int16_t> sound;
  for (const float v : sine(700, 12000)) sound.push_back(static_cast<std::int16_t>(v * 32767));
  const Augmenter again = augmenter().value();
  std::size_t different = 0;
  for (std::uint64_t e = 0; e < 40; ++e) {
    const auto clip = a.clip(sound, false, 16000, 1, e, 5);
    EXPECT_EQ(clip.size(), 16000U);
    EXPECT_EQ(clip, again.clip(sound, false, 16000, 1, e, 5));
    different += clip != a.clip(sound, false, 16000, 1, e, 6) ? 1 : 0;
    different += clip != a.clip(sound, false, 16000, 2, e, 5) ? 1 : 0;
    EXPECT_EQ(a.clip(sound, true, 16000, 1, e, 5).size(), 16000U);
  }
  EXPECT_EQ(different, 80U);
}

TEST_F(AugmenterTest, EverythingOffLeavesTheClip) {
  const Augmenter a =
      augmenter(
          "[augmentation]\nnoise_probability = 0\ngain_min_db = 0\ngain_max_db = 0\nshift_ms = 0\n"
          "speed_probability = 0\npitch_probability = 0\nband_stop_probability = 0\nroom_probability = 0\n")
          .value();
  const std::vector<std::int16_t> sound = {1, -2, 32767, -32768};
  EXPECT_EQ(a.clip(sound, false, 6, 1, 2, 3), (std::vector<std::int16_t>{0, 1, -2, 32767, -32768, 0}));
}

TEST_F(AugmenterTest, MasksAreStretchesOfRowsAndBands) {
  const Augmenter a = augmenter("[augmentation]\ntime_masks = 1\ntime_mask_rows = 5\nband_masks = 0").value();
  std::map<std::size_t, int> lengths;
  for (std::uint64_t i = 0; i < 200; ++i) {
    std::vector<float> f(20 * 8, 1.0F);
    a.mask(f, 8, -3.0F, 1, 0, i);
    std::size_t rows = 0;
    for (std::size_t r = 0; r < 20; ++r) {
      const bool masked = f[r * 8] == -3.0F;
      for (std::size_t b = 0; b < 8; ++b) EXPECT_EQ(f[r * 8 + b] == -3.0F, masked);
      rows += masked ? 1 : 0;
    }
    ++lengths[rows];
  }
  EXPECT_EQ(lengths.begin()->first, 0U);
  EXPECT_EQ(lengths.rbegin()->first, 5U);
}

TEST_F(AugmenterTest, RangesTheWrongWayRoundAreRefused) {
  const auto wrong = augmenter("[augmentation]\nnoise_min_db = 30");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().what.find("noise_min_db is above"), std::string::npos);
  EXPECT_FALSE(augmenter("[augmentation]\nroom_folder = 'nowhere'").ok());
}

}  // namespace
}  // namespace mote::augment
