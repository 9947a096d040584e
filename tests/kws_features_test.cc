// The MLPerf keyword model on features that mote computes from the raw recordings, beside the features that came with
// it. Model and recordings lie beside the source tree; where they do not, the test says so and skips.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/data/read.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/signal/extract.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChannels = 10;
constexpr std::size_t kRows = 49;
constexpr std::size_t kFeatures = kRows * kChannels;

struct Clip {
  std::size_t label = 0;
  std::vector<std::int8_t> stored;
  signal::Features own;
};

// The model's training divided each recording by its greatest sample.
std::vector<std::int16_t> at_full_scale(std::vector<std::int16_t> sound) {
  const int peak = std::max<int>(1, *std::max_element(sound.begin(), sound.end()));
  for (std::int16_t& x : sound) x = static_cast<std::int16_t>(std::clamp(x * 32767 / peak, -32768, 32767));
  return sound;
}

bool is_right(Interpreter& model, const std::vector<std::int8_t>& features, std::size_t label) {
  auto out = model.run({Bytes(features.begin(), features.end())});
  const Bytes& y = out.value().at(0);
  const auto best = std::max_element(y.begin(), y.end(), [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::int8_t>(a) < static_cast<std::int8_t>(b);
  });
  return static_cast<std::size_t>(best - y.begin()) == label;
}

// What a test with a temporary folder leaves behind.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("mote_kws_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder() { fs::remove_all(path); }
};

TEST(KwsFeatures, FromRawSoundAreAsGoodAsTheStoredOnes) {
  const fs::path data = fs::path(MOTE_SOURCE_DIR) / ".." / "shared" / "mlperf_tiny";
  const fs::path archive = data / "eval" / "kws01_open_audio_wav.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << "no recordings beside the source tree: " << archive;
  const Folder folder;
  ASSERT_EQ(std::system(fmt::format("tar -xJf '{}' -C '{}'", archive.string(), folder.path.string()).c_str()), 0);
  auto list = read_file(data / "eval" / "kws01.y_labels.csv");
  auto stored = read_file(data / "eval" / "kws01.bin");
  const fs::path path = data / "models" / "kws_ref_model_int8.tflite";
  auto file = read_file(path);
  ASSERT_TRUE(list.ok() && stored.ok() && file.ok());

  signal::FrontEndConfig config;  // as the model's training had it
  config.block = signal::Block::mfcc;
  config.frame_ms = 30;
  config.hop_ms = 20;
  config.high_hz = 4000;
  config.coefficients = kChannels;
  auto front_end = signal::FrontEnd::create(config);
  ASSERT_TRUE(front_end.ok()) << front_end.error().text();

  std::vector<Clip> clips;
  std::istringstream lines(std::string(list.value().begin(), list.value().end()));
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    Clip clip;
    clip.label = std::stoul(line.substr(line.rfind(',') + 1));
    const std::string name = line.substr(0, line.find('.')) + ".wav";
    auto sound = data::read_recording(folder.path / "kws01_audio" / name, data::Kind::sound, {});
    ASSERT_TRUE(sound.ok()) << sound.error().text();
    clip.own = signal::extract(front_end.value(), at_full_scale(sound.value().content.sound));
    ASSERT_EQ(clip.own.rows(), kRows) << name;
    const auto at = static_cast<std::ptrdiff_t>(clips.size() * kFeatures);
    clip.stored.assign(stored.value().begin() + at, stored.value().begin() + at + kFeatures);
    clips.push_back(std::move(clip));
  }
  ASSERT_EQ(clips.size(), 1000U);

  // Units differ: power instead of magnitude, log2, another scale of the cosines. One line per channel, fitted to the
  // stored features of every other clip without its label, turns the one into the other.
  std::array<double, kChannels> scale{};
  std::array<double, kChannels> offset{};
  for (std::size_t c = 0; c < kChannels; ++c) {
    double n = 0, x1 = 0, y1 = 0, xx = 0, xy = 0;
    for (std::size_t i = 0; i < clips.size(); i += 2) {
      for (std::size_t r = 0; r < kRows; ++r) {
        const double x = clips[i].own.row(r)[c];
        const double y = clips[i].stored[r * kChannels + c];
        n += 1, x1 += x, y1 += y, xx += x * x, xy += x * y;
      }
    }
    scale.at(c) = (n * xy - x1 * y1) / (n * xx - x1 * x1);
    offset.at(c) = (y1 - scale.at(c) * x1) / n;
  }
  auto map = signal::make_normalisation(scale, offset);
  ASSERT_TRUE(map.ok()) << map.error().text();

  auto graph = import_tflite(file.value(), path.string());
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  auto model = Interpreter::create(graph.value());
  ASSERT_TRUE(model.ok()) << model.error().text();
  int with_stored = 0;
  int with_own = 0;
  int clips_tested = 0;
  for (std::size_t i = 1; i < clips.size(); i += 2, ++clips_tested) {
    with_stored += is_right(model.value(), clips[i].stored, clips[i].label) ? 1 : 0;
    with_own += is_right(model.value(), signal::normalise(map.value().params(), clips[i].own), clips[i].label) ? 1 : 0;
  }
  std::cout << fmt::format("kws01, {} clips: {} right with stored features, {} with mote's from raw sound\n",
                           clips_tested, with_stored, with_own);
  EXPECT_GE(with_stored, 440);
  EXPECT_GE(with_own, with_stored - 10);
}

}  // namespace
}  // namespace mote
