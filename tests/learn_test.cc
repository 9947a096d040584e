// From recordings to a detector in firmware: chirps that rise are the keyword, chirps that fall and steady tones are
// not. Runs the programs as their users do.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/data/content.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kRate = 8000;

fs::path program(const std::string& name) { return fs::read_symlink("/proc/self/exe").parent_path() / name; }

ProcessResult mote(const fs::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("mote").string());
  auto result = run_process(
      {.argv = std::move(arguments), .folder = folder, .timeout = std::chrono::minutes(5), .last_words = ""});
  EXPECT_TRUE(result.ok());
  return result.ok() ? result.value() : ProcessResult{};
}

std::string wav(const std::vector<std::int16_t>& samples) {
  data::Content c;
  c.rate_hz = kRate, c.steps = samples.size(), c.sound = samples;
  return data::encode_content(c);
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  double between(double low, double high) { return low + (high - low) * static_cast<double>(engine_()) / 4294967296.0; }

 private:
  std::mt19937 engine_;
};

// 0.4 s from one frequency to another.
std::vector<std::int16_t> chirp(Random& random, double from_hz, double to_hz) {
  std::vector<std::int16_t> out;
  const double level = random.between(4000, 12000);
  double phase = random.between(0, 6);
  const int elems = 4 * kRate / 10;
  for (int i = 0; i < elems; ++i) {
    phase += 2 * std::numbers::pi * (from_hz + (to_hz - from_hz) * i / elems) / kRate;
    out.push_back(static_cast<std::int16_t>(level * std::sin(phase) + random.between(-200, 200)));
  }
  return out;
}

std::vector<std::int16_t> noise(Random& random) {
  std::vector<std::int16_t> out;
  for (int i = 0; i < 2 * kRate; ++i) out.push_back(static_cast<std::int16_t>(random.between(-2000, 2000)));
  return out;
}

// 120 chirps of either kind and 12 noises, every fifth for validation, every fifth for testing.
void make_recordings(const fs::path& folder) {
  Random random(7);
  std::string manifest = "path,label,split\n";
  const auto add = [&](const std::string& label, int i, const std::vector<std::int16_t>& samples) {
    const std::string name = fmt::format("{}{}.wav", label, i);
    ASSERT_TRUE(write_file(folder / name, wav(samples)).ok());
    manifest += fmt::format("{},{},{}\n", name, label, i % 5 == 0 ? "validation" : i % 5 == 1 ? "test" : "train");
  };
  for (int i = 0; i < 120; ++i) {
    const double low = random.between(400, 700);
    const double high = random.between(2200, 3000);
    add("rise", i, chirp(random, low, high));
    const double tone = random.between(400, 3000);
    add("_unknown_", i, i % 3 == 0 ? chirp(random, tone, tone) : chirp(random, high, low));
    if (i % 10 == 0) add("_noise_", i / 10, noise(random));
  }
  ASSERT_TRUE(write_file(folder / "manifest.csv", manifest).ok());
}

const std::string kSettings = R"([data]
sample_rate_hz = 8000
clip_ms = 500
[signal]
bands = 20
[augmentation]
shift_ms = 60
room_probability = 0
noise_min_db = 5
[model]
name = "cnn1d"
filters = 16
blocks = 2
[training]
epochs = 20
quantized_epochs = 6
variants = 2
learning_rate = 0.01
threads = 1
[detector]
stride_rows = 2
smoothing = 3
[target]
hardware = "nucleo-l4r5zi"
)";

// The project is made and trained once for all tests.
class Learn : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(program("mote-train"))) return;
    auto made = TemporaryFolder::create("mote-learn");
    ASSERT_TRUE(made.ok());
    folder_ = new TemporaryFolder(std::move(made).value());
    const fs::path project = folder_->path() / "p";
    make_recordings(folder_->path() / "recordings");
    ASSERT_TRUE(write_file(project / "mote.toml", kSettings).ok());
    const auto imported = mote(folder_->path(), {"data", "import", "recordings/manifest.csv", "--project", "p"});
    ASSERT_EQ(imported.status, 0) << imported.err;
    const auto trained = mote(folder_->path(), {"train", "--project", "p"});
    ASSERT_EQ(trained.status, 0) << trained.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  void SetUp() override {
    if (!fs::exists(program("mote-train"))) GTEST_SKIP() << "built without libtorch: there is no mote-train";
    ASSERT_NE(folder_, nullptr);
  }
  // A copy of the project that a test may damage.
  static fs::path copy(const std::string& name) {
    fs::copy(folder_->path() / "p", folder_->path() / name, fs::copy_options::recursive);
    return folder_->path() / name;
  }
  static void expect_error(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
    const ProcessResult result = mote(folder_->path(), arguments);
    EXPECT_EQ(result.status, 1) << result.out;
    for (const std::string& word : words)
      EXPECT_NE(result.err.find(word), std::string::npos) << word << "\n" << result.err;
  }
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(Learn, FirmwareHearsWhatTheHostHearsWhereItWasSaid) {
  const auto result =
      mote(folder_->path(), {"test", "--project", "p", "--board", "mps2-an386", "--board-seconds", "45", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json e = json::parse(result.out, nullptr, false);
  ASSERT_TRUE(e.is_object()) << result.out;
  EXPECT_EQ(e, json::parse(read_text_file(folder_->path() / "p/build/evaluation.json").value()));
  EXPECT_EQ(e["examples"], 24 + 24 + 3);  // i % 5 == 1 of 120, 120 and 12
  EXPECT_GE(e["accuracy"].get<double>(), 0.95);
  EXPECT_NEAR(e["accuracy"].get<double>(), e["float_accuracy"].get<double>(), 0.04);
  EXPECT_EQ(e["roc"].size(), 3U);

  // The same counts on the board, of all clips.
  const json& board = e["board"];
  EXPECT_EQ(board["clips"], e["examples"]);
  EXPECT_EQ(board["confusion"], e["confusion"]);
  EXPECT_EQ(board["accuracy"], e["accuracy"]);
  EXPECT_EQ(board["differing_decisions"], 0);
  EXPECT_EQ(board["differing_detections"], 0);
  EXPECT_GT(board["decisions"].get<int>(), 1000);

  // Detections follow the keyword; nothing else is heard.
  const json& stream = e["detection"];
  EXPECT_EQ(stream["class"], "rise");
  EXPECT_EQ(stream["keywords"], 24);
  EXPECT_GE(stream["heard"].get<int>(), 22);
  EXPECT_LE(stream["false_accepts"].get<int>(), 5);  // of 27 other sounds
  int heard = 0;
  for (const json& u : board["utterances"]) {
    EXPECT_NEAR(u["end"].get<double>() - u["begin"].get<double>(), 0.4, 1e-3);
    if (u["heard"].is_null()) continue;
    EXPECT_GT(u["heard"], u["begin"]);
    EXPECT_LT(u["heard"].get<double>(), u["end"].get<double>() + 0.5);
    ++heard;
  }
  EXPECT_GE(heard, 5);
  EXPECT_GT(board["instructions"], board["feature_instructions"]);
  EXPECT_GT(board["feature_instructions"].get<double>(), 1000);
  EXPECT_GT(board["cycles"], board["instructions"]);
  EXPECT_GT(board["hardware"]["microjoules"].get<double>(), 0);

  const auto report = mote(folder_->path(), {"report", "--project", "p", "--out", "report.html"});
  ASSERT_EQ(report.status, 0) << report.err;
  const std::string page = read_text_file(folder_->path() / "report.html").value();
  for (const char* text : {"Confusion", "ROC", "F1", "other recordings", "nucleo-l4r5zi", "give or take"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
}

TEST_F(Learn, AThresholdCanBeStated) {
  const auto result = mote(folder_->path(), {"test", "--project", copy("stated").string(), "--json", "--split",
                                             "validation", "--set", "detector.threshold_percent=100"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json e = json::parse(result.out);
  EXPECT_EQ(e["split"], "validation");
  EXPECT_EQ(e["detection"]["detector"]["threshold"], 3 * 255);
  EXPECT_EQ(e["detection"]["threshold_from"], "detector.threshold_percent");
}

TEST_F(Learn, WhatDoesNotFitTogetherIsNamed) {
  const fs::path p = copy("other");
  const auto test = [&](const std::string& set) -> std::vector<std::string> {
    return {"test", "--project", "other", "--set", set};
  };
  expect_error(test("signal.bands=24"), {"other [signal] settings", "train again"});
  expect_error(test("data.clip_ms=700"), {"is no model of", "data.clip_ms"});
  expect_error(test("detector.keyword=fall"), {"'fall', which is no class", "rise"});
  expect_error(test("data.classes=[\"_unknown_\"]"), {"data.classes"});
  expect_error({"test", "--project", "other", "--board", "mps2-an385", "--set", "target.hardware=nucleo-l4r5zi"},
               {"cortex-m3", "cortex-m4", "target.hardware"});
  expect_error({"train", "--project", "other", "--set", "model.name=dnn"}, {"another network", "--restart"});
  fs::remove(p / "build/model.json");
  expect_error({"test", "--project", "other"}, {"no model yet", "mote train"});
}

TEST_F(Learn, CtrlCLeavesTheOldEvaluation) {
  const fs::path file = copy("stopped") / "build/evaluation.json";
  ASSERT_TRUE(write_file(file, "old").ok());
  auto result = run_process({.argv = {"timeout", "--foreground", "--signal=INT", "0.5", program("mote").string(),
                                      "test", "--project", "stopped", "--board", "mps2-an386"},
                             .folder = folder_->path(),
                             .timeout = std::chrono::minutes(1),
                             .last_words = ""});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().status, 124) << result.value().out;  // it was still running then
  EXPECT_NE(result.value().err.find("interrupted"), std::string::npos) << result.value().err;
  EXPECT_EQ(read_text_file(file).value(), "old");
}

TEST_F(Learn, OneClassTeachesNothing) {
  const fs::path p = folder_->path() / "one";
  ASSERT_TRUE(write_file(p / "mote.toml", kSettings).ok());
  Random random(3);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(
        write_file(folder_->path() / "alone/rise" / fmt::format("{}.wav", i), wav(chirp(random, 500, 2500 + 10.0 * i)))
            .ok());
  }
  ASSERT_EQ(mote(folder_->path(), {"data", "import", "alone", "--project", "one"}).status, 0);
  expect_error({"train", "--project", "one"}, {"1 class", "two labels"});

  // A class that has examples, but none to learn from.
  ASSERT_TRUE(write_file(p / "../empty/mote.toml", kSettings).ok());
  ASSERT_TRUE(write_file(folder_->path() / "alone/fall.wav", wav(chirp(random, 2500, 500))).ok());
  std::string manifest = "path,label,split\nfall.wav,fall,test\n";
  for (int i = 0; i < 8; ++i) manifest += fmt::format("rise/{}.wav,rise,{}\n", i, i == 0 ? "validation" : "train");
  ASSERT_TRUE(write_file(folder_->path() / "alone/manifest.csv", manifest).ok());
  ASSERT_EQ(mote(folder_->path(), {"data", "import", "alone/manifest.csv", "--project", "empty"}).status, 0);
  expect_error({"train", "--project", "empty"}, {"class 'fall' has no training examples", "data.test_percent"});
}

TEST_F(Learn, AFullDiskLeavesTheOldEvaluation) {
  const fs::path p = copy("full");
  const fs::path file = p / "build/evaluation.json";
  ASSERT_TRUE(write_file(file, "old").ok());
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlimit small = limit;
  small.rlim_cur = 33000;  // bytes of a file: enough for the index, not for the evaluation with a score every 16 ms
  signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = mote(folder_->path(), {"test", "--project", "full", "--set", "detector.stride_rows=1"});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("evaluation.json"), std::string::npos) << result.err;
  EXPECT_EQ(read_text_file(file).value(), "old");
  for (const auto& entry : fs::directory_iterator(p / "build")) {
    EXPECT_NE(entry.path().extension(), ".part") << entry.path();
  }
}

// `make demo` with a fifth of its voices.
TEST(Demo, HearsAPhraseThatNobodyRecordedAndGoesOnWhereItWas) {
  if (!fs::exists(program("mote-train"))) GTEST_SKIP() << "built without libtorch: there is no mote-train";
  auto folder = TemporaryFolder::create("mote-demo");
  ASSERT_TRUE(folder.ok());
  const fs::path project = folder.value().path() / "wake";
  const auto demo = [&](const std::string& seconds) {
    return run_process(
        {.argv = {"timeout", "--signal=INT", seconds, MOTE_SOURCE_DIR "/tools/demo.sh", program("mote").string(),
                  project.string(), "200", "training.quantized_epochs=5", "detector.false_accepts_per_hour=400"},
         .folder = folder.value().path(),
         .timeout = std::chrono::minutes(5),
         .last_words = ""});
  };
  auto killed = demo("3");
  ASSERT_TRUE(killed.ok());
  EXPECT_EQ(killed.value().status, 124) << killed.value().out;
  auto first = demo("240");
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first.value().status, 0) << first.value().out << first.value().err;
  const json e = json::parse(read_text_file(project / "build/evaluation.json").value());
  // Voices that it never heard; half of the other phrases are near misses. Calling everything one class gives 0.47.
  EXPECT_GE(e["accuracy"].get<double>(), 0.65);
  EXPECT_EQ(e["board"]["confusion"], e["confusion"]);
  EXPECT_EQ(e["board"]["differing_decisions"], 0);
  EXPECT_EQ(e["board"]["differing_detections"], 0);
  int heard = 0;
  for (const json& u : e["board"]["utterances"]) {
    if (u["heard"].is_null()) continue;
    EXPECT_GT(u["heard"], u["begin"]);
    EXPECT_LE(u["heard"].get<double>(), u["end"].get<double>() + 1);
    ++heard;
  }
  EXPECT_GE(heard, 3);
  for (const char* text :
       {"clips of the test split", "'tinyml', said from", "instructions", "uJ a decision", "report.html"})
    EXPECT_NE(first.value().out.find(text), std::string::npos) << text << "\n" << first.value().out;
  EXPECT_GT(fs::file_size(project / "build/report.html"), 100000U);
  EXPECT_TRUE(fs::exists(project / "code/README.md"));

  // Nothing is made again.
  const auto trained = fs::last_write_time(project / "build/model.tflite");
  auto second = demo("240");
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second.value().status, 0) << second.value().out << second.value().err;
  EXPECT_EQ(fs::last_write_time(project / "build/model.tflite"), trained);
  EXPECT_EQ(json::parse(read_text_file(project / "build/evaluation.json").value())["confusion"], e["confusion"]);
}

}  // namespace
}  // namespace mote
