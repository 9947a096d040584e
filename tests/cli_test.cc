// The program as its users meet it: commands on the example model, and what it says to bad input.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/process.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kExample = fs::path(MOTE_SOURCE_DIR) / "examples" / "tiny_conv";
const fs::path kModel = kExample / "tiny_conv.tflite";

class Cli : public testing::Test {
 protected:
  Cli() : folder_(TemporaryFolder::create("mote-cli")) {}

  [[nodiscard]] fs::path path(const std::string& name) const { return folder_.value().path() / name; }

  // Runs mote, which lies beside this test.
  [[nodiscard]] ProcessResult mote(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), (fs::read_symlink("/proc/self/exe").parent_path() / "mote").string());
    auto result = run_process({.argv = std::move(arguments),
                               .folder = folder_.value().path(),
                               .timeout = std::chrono::minutes(2),
                               .last_words = ""});
    EXPECT_TRUE(result.ok());
    return result.ok() ? result.value() : ProcessResult{};
  }

  // Expects failure with every one of `words` in the message, and no new file in the folder.
  void expect_error(const std::vector<std::string>& arguments, const std::vector<std::string>& words) const {
    const auto before = listing();
    const ProcessResult result = mote(arguments);
    EXPECT_EQ(result.status, 1) << result.err;
    for (const std::string& word : words)
      EXPECT_NE(result.err.find(word), std::string::npos) << "no '" << word << "' in: " << result.err;
    EXPECT_EQ(listing(), before) << "something was left behind";
  }

  [[nodiscard]] std::vector<std::string> listing() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.value().path()))
      out.push_back(entry.path().string());
    std::sort(out.begin(), out.end());
    return out;
  }

  Result<TemporaryFolder> folder_;
};

TEST_F(Cli, EveryCommandHasHelp) {
  for (const char* command : {"inspect", "compile", "run", "boards"}) {
    const ProcessResult result = mote({command, "--help"});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.out.find("--json"), std::string::npos) << command;
  }
  EXPECT_EQ(mote({"--version"}).out.substr(0, 5), "mote ");
  EXPECT_EQ(mote({"compile"}).status, 2);
  EXPECT_EQ(mote({"dance"}).status, 2);
}

TEST_F(Cli, RunGivesTensorFlowLiteMicrosScores) {
  const ProcessResult result = mote({"run", kModel.string(), "--board", "host", "--input",
                                     (kExample / "stripes.npy").string(), "--output", "scores.npy", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["inputs"], 4);
  EXPECT_EQ(report["mismatches"].size(), 0U);
  EXPECT_GT(report["flash_bytes"], 0);
  // expected.npy was made by the tflite-micro wheel; both files end with the same 4 x 4 bytes.
  auto got = read_file(path("scores.npy"));
  auto want = read_file(kExample / "expected.npy");
  ASSERT_TRUE(got.ok() && want.ok());
  const auto tail = [](const std::vector<std::uint8_t>& f) { return std::vector<std::uint8_t>(f.end() - 16, f.end()); };
  EXPECT_EQ(tail(got.value()), tail(want.value()));
}

TEST_F(Cli, RunNamesClassesAndMeasuresOnAnEmulatedChip) {
  const ProcessResult result =
      mote({"run", kModel.string(), "--board", "mps2-an386", "--input", (kExample / "stripes.npy").string(), "--labels",
            (kExample / "tiny_conv.labels.txt").string(), "--trace"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("input 0 -> scores: vertical"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("identical to the host interpreter"), std::string::npos);
}

// One model, four goals: always the same scores, each goal at least as good in its own figure as the others.
TEST_F(Cli, EveryGoalIsBestAtItsOwnFigure) {
  std::map<std::string, nlohmann::json> reports;
  for (const char* goal : {"latency", "ram", "flash", "balanced"}) {
    const ProcessResult result = mote({"run", kModel.string(), "--board", "mps2-an386", "--optimize", goal, "--input",
                                       (kExample / "stripes.npy").string(), "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    reports[goal] = nlohmann::json::parse(result.out);
    EXPECT_EQ(reports[goal]["optimize"], goal);
    EXPECT_EQ(reports[goal]["mismatches"].size(), 0U);
    EXPECT_EQ(reports[goal]["outputs"], reports["latency"]["outputs"]);
  }
  for (const auto& [goal, figure] :
       {std::pair{"latency", "/instructions/mean"}, {"ram", "/arena_bytes"}, {"flash", "/flash_bytes"}}) {
    const nlohmann::json::json_pointer at(figure);
    for (const auto& [other, report] : reports) {
      EXPECT_LE(reports[goal].at(at).get<double>(), report.at(at).get<double>()) << goal << " against " << other;
    }
  }
  EXPECT_LT(reports["flash"]["flash_bytes"], reports["latency"]["flash_bytes"]);
  EXPECT_LT(reports["latency"]["instructions"]["mean"], reports["flash"]["instructions"]["mean"]);
  EXPECT_EQ(mote({"run", kModel.string(), "--optimize", "beauty"}).status, 2);
}

// tiny_conv needs 900-odd bytes of RAM at least, whatever is chosen.
TEST_F(Cli, LimitsAreKeptOrTheBindingOneIsNamed) {
  const ProcessResult fits = mote({"compile", kModel.string(), "-o", "out", "--no-measure", "--max-instructions", "2M",
                                   "--max-ram", "8k", "--optimize", "flash", "--explore", "choices.svg"});
  ASSERT_EQ(fits.status, 0) << fits.err;
  EXPECT_NE(fits.out.find("*"), std::string::npos) << fits.out;
  EXPECT_TRUE(fs::exists(path("out") / "tiny_conv.h"));
  auto svg = read_text_file(path("choices.svg"));
  ASSERT_TRUE(svg.ok());
  EXPECT_NE(svg.value().find("latency"), std::string::npos);
  expect_error({"compile", kModel.string(), "-o", "quick", "--max-cycles", "1k"},
               {"tiny_conv.tflite", "--max-cycles 1,000", "least found", "cycles"});
  expect_error({"compile", kModel.string(), "-o", "small", "--max-ram", "100"},
               {"tiny_conv.tflite", "--max-ram 100", "least found", "too many"});
  expect_error({"compile", kModel.string(), kModel.string(), "-o", "two", "--max-ram", "100"}, {"one model"});
}

TEST_F(Cli, CompileReplacesItsOwnFolderOnly) {
  ASSERT_EQ(mote({"compile", kModel.string(), "-o", "out", "--no-measure"}).status, 0);
  const auto first = listing();
  std::ofstream(path("out") / "stale.txt") << "left over";
  ASSERT_EQ(mote({"compile", kModel.string(), "-o", "out", "--no-measure"}).status, 0);
  EXPECT_EQ(listing(), first);
  fs::create_directories(path("precious"));
  std::ofstream(path("precious") / "thesis.txt") << "years of work";
  expect_error({"compile", kModel.string(), "-o", "precious"}, {"precious", "was not written by mote"});
}

TEST_F(Cli, DumpedPassesRunAgain) {
  ASSERT_EQ(mote({"compile", kModel.string(), "-o", "out", "--no-measure", "--dump-passes", "dump"}).status, 0);
  std::vector<fs::path> dumps;
  for (const auto& entry : fs::recursive_directory_iterator(path("dump"))) {
    if (entry.path().extension() == ".mir") dumps.push_back(entry.path());
  }
  ASSERT_FALSE(dumps.empty());
  for (const fs::path& dump : dumps) EXPECT_EQ(mote({"run", dump.string(), "--board", "host"}).status, 0) << dump;
}

TEST_F(Cli, SeveralModelsShareOneFolder) {
  fs::copy_file(kModel, path("second.tflite"));
  ASSERT_EQ(mote({"compile", kModel.string(), "second.tflite", "-o", "out", "--no-measure"}).status, 0);
  EXPECT_TRUE(fs::exists(path("out") / "tiny_conv.h"));
  EXPECT_TRUE(fs::exists(path("out") / "second.h"));
  expect_error({"compile", "second.tflite", "second.tflite", "-o", "twice", "--no-measure"}, {"two models", "second"});
}

TEST_F(Cli, BadModels) {
  expect_error({"inspect", "nowhere.tflite"}, {"nowhere.tflite", "no such file"});
  std::ofstream(path("model.pt")) << "a model of another kind";
  expect_error({"inspect", "model.pt"}, {"model.pt", ".tflite", "torch.onnx.export"});
  std::ofstream(path("model.h5")) << "another";
  expect_error({"inspect", "model.h5"}, {"model.h5", "from_keras_model"});
  std::ofstream(path("model.onnx")) << "no protobuf";
  expect_error({"inspect", "model.onnx"}, {"model.onnx", "is not an ONNX file"});
  expect_error({"inspect", kModel, "--shape", "x=1,2"}, {"states all its shapes"});
  auto bytes = read_file(kModel);
  ASSERT_TRUE(bytes.ok());
  std::ofstream(path("cut.tflite"), std::ios::binary).write(reinterpret_cast<const char*>(bytes.value().data()), 1000);
  expect_error({"compile", "cut.tflite", "-o", "out"}, {"cut.tflite", "truncated or damaged", "fix:"});
}

TEST_F(Cli, BadInputs) {
  expect_error({"run", kModel.string(), "--board", "host", "--input", (kExample / "expected.npy").string()},
               {"expected.npy", "[1,16,16,1]"});
  expect_error({"run", kModel.string(), "--board", "host", "--input", "a.npy", "--input", "b.npy"},
               {"2 --input given, the model has 1"});
  expect_error({"run", kModel.string(), "--board", "mps2-an368"}, {"mps2-an368", "mps2-an386"});
  expect_error({"compile", kModel.string(), "-o", "out", "--target", "cortex-m5"}, {"cortex-m5", "cortex-m55"});
  expect_error({"compile", kModel.string(), "-o", "out", "--pass", "fold_everything"},
               {"fold_everything", "fold_constants"});
}

// A board of the user's own, too small for the model: the error says by how many bytes and where.
TEST_F(Cli, AModelThatDoesNotFit) {
  for (const auto& [flash, ram, word] :
       {std::tuple{"0x800", "0x400000", "flash"}, std::tuple{"0x400000", "0x900", "RAM"}}) {
    const fs::path board = path(std::string("small_") + word);
    fs::create_directories(board);
    std::ofstream(board / "board.toml") << "description = \"a small chip\"\ncore = \"cortex-m4\"\nstack_bytes = 2048\n"
                                        << "[memory]\nflash = { origin = 0x0, bytes = " << flash
                                        << " }\nram = { origin = 0x20000000, bytes = " << ram << " }\n"
                                        << "[emulator]\nprogram = \"qemu-system-arm\"\npackage = "
                                           "\"qemu-system-arm\"\narguments = [\"-machine\", \"mps2-an386\"]\n";
    const ProcessResult result = mote({"run", kModel.string(), "--board", board.string()});
    EXPECT_EQ(result.status, 1) << word;
    EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("bytes"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace mote
