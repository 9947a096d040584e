// TensorFlow Lite Micro itself, where its wheel is installed, against the host interpreter: every layer of every model
// beside the source tree that mote reads.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/import/tflite.h"
#include "host/input/formats.h"
#include "host/interpret/interpreter.h"
#include "host/passes/pass.h"
#include "tests/vectors.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = MOTE_SOURCE_DIR;
const fs::path kPython = kRoot / "build" / "venv" / "bin" / "python";
constexpr int kRuns = 5;

Result<ProcessResult> python(std::vector<std::string> args) {
  args.insert(args.begin(), kPython.string());
  return run_process({.argv = std::move(args), .folder = kRoot, .timeout = std::chrono::minutes(5), .last_words = ""});
}

Result<Bytes> load(const fs::path& npy, const Tensor& target) {
  MOTE_LET(bytes, read_file(npy));
  MOTE_LET(all, input::read_npy(bytes, target));
  if (all.size() != 1) return Error{"holds several tensors", npy.string(), ""};
  return all[0];
}

// Every layer and output of one model, before and after the passes.
void compare(const fs::path& model, Graph graph) {
  SCOPED_TRACE(model.string());
  auto folder = TemporaryFolder::create("mote-tflm");
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  const fs::path out = folder.value().path();
  auto ran = python({(kRoot / "tools" / "oracle" / "run_tflm.py").string(), fs::absolute(model).string(), out.string(),
                     "--layers", "--seed", "1", "--runs", std::to_string(kRuns)});
  ASSERT_TRUE(ran.ok()) << ran.error().text();
  ASSERT_TRUE(ran.value().succeeded()) << ran.value().out << ran.value().err;

  auto plain = Interpreter::create(graph);
  ASSERT_TRUE(plain.ok()) << plain.error().text();
  Graph passed = graph;
  const Status passes = run_passes(passed, {});
  ASSERT_TRUE(passes.ok()) << passes.error().text();
  auto optimised = Interpreter::create(passed);
  ASSERT_TRUE(optimised.ok()) << optimised.error().text();
  for (int r = 0; r < kRuns; ++r) {
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
      auto value = load(out / fmt::format("run{}_input{}.npy", r, i), graph.tensor(graph.inputs[i]));
      ASSERT_TRUE(value.ok()) << value.error().text();
      inputs.push_back(std::move(value).value());
    }
    auto outputs = plain.value().run(inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.error().text();
    for (const Node& node : graph.nodes) {
      const Tensor& t = graph.tensor(node.outputs[0]);
      auto want = load(out / fmt::format("run{}_layer{}.npy", r, node.source_index), t);
      ASSERT_TRUE(want.ok()) << want.error().text();
      const std::string wrong =
          vectors::difference({t.type, t.shape}, plain.value().tensor(node.outputs[0]), want.value());
      ASSERT_EQ(wrong, "") << "run " << r << ", " << graph.where(node);
    }
    auto after = optimised.value().run(inputs);
    ASSERT_TRUE(after.ok()) << after.error().text();
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
      const Tensor& t = graph.tensor(graph.outputs[i]);
      EXPECT_EQ(vectors::difference({t.type, t.shape}, after.value()[i], outputs.value()[i]), "") << "after the passes";
    }
  }
}

TEST(Tflm, EveryLayerOfEveryModelIsTheSame) {
  const fs::path shared = kRoot / ".." / "shared";
  if (!fs::exists(kPython)) GTEST_SKIP() << "no Python with the wheels: " << kPython;
  if (!fs::exists(shared / "models")) GTEST_SKIP() << "no models beside the source tree: " << shared;
  std::size_t compared = 0;
  std::string refused;
  for (const char* folder : {"mlperf_tiny/models", "models"}) {
    for (const auto& entry : fs::directory_iterator(shared / folder)) {
      if (entry.path().extension() != ".tflite") continue;
      auto bytes = read_file(entry.path());
      ASSERT_TRUE(bytes.ok()) << bytes.error().text();
      auto graph = import_tflite(bytes.value(), entry.path().string());
      if (!graph.ok()) {
        refused += graph.error().text() + "\n";
        continue;
      }
      compare(entry.path(), std::move(graph).value());
      ++compared;
    }
  }
  EXPECT_GE(compared, 8U) << refused;
  std::printf("%zu models compared with TFLM; not read:\n%s", compared, refused.c_str());
}

}  // namespace
}  // namespace mote
