// Every layer of the MLPerf Tiny models against what TFLM with CMSIS-NN computed on an emulated chip.
// The golden files lie beside the source tree; where they do not, the test says so and skips.
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

struct Golden {
  const char* folder;
  const char* model;
  std::size_t layers;
};

class GoldenLayers : public testing::TestWithParam<Golden> {};

TEST_P(GoldenLayers, AreBitExact) {
  const fs::path shared = fs::path(MOTE_SOURCE_DIR) / ".." / "shared";
  const fs::path folder = shared / "baselines" / "golden" / GetParam().folder;
  const fs::path model = shared / "mlperf_tiny" / "models" / GetParam().model;
  if (!fs::exists(folder) || !fs::exists(model)) GTEST_SKIP() << "no golden outputs beside the source tree: " << folder;
  auto bytes = read_file(model);
  ASSERT_TRUE(bytes.ok()) << bytes.error().text();
  auto graph = import_tflite(bytes.value(), model.string());
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  auto interpreter = Interpreter::create(graph.value());
  ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
  const Graph& g = graph.value();
  ASSERT_EQ(g.nodes.size(), GetParam().layers);
  const auto input_bytes = static_cast<std::size_t>(g.tensor(g.inputs[0]).size_bytes());
  for (const char* pattern : {"A", "B", "C"}) {
    auto gold = read_file(folder / (std::string("gold_") + pattern + ".bin"));
    ASSERT_TRUE(gold.ok()) << gold.error().text();
    const Bytes& all = gold.value();
    ASSERT_GT(all.size(), input_bytes);
    std::size_t at = input_bytes;
    auto outputs = interpreter.value().run({Bytes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at))});
    ASSERT_TRUE(outputs.ok()) << outputs.error().text();
    for (const Node& node : g.nodes) {
      const Bytes& got = interpreter.value().tensor(node.outputs[0]);
      ASSERT_LE(at + got.size(), all.size());
      std::size_t differing = 0;
      for (std::size_t i = 0; i < got.size(); ++i) differing += got[i] != all[at + i] ? 1 : 0;
      EXPECT_EQ(differing, 0U) << "pattern " << pattern << ", " << g.where(node) << ": of " << got.size() << " bytes";
      at += got.size();
    }
    EXPECT_EQ(at, all.size()) << "pattern " << pattern;
  }
}

INSTANTIATE_TEST_SUITE_P(MlperfTiny, GoldenLayers,
                         testing::Values(Golden{"kws", "kws_ref_model_int8.tflite", 13},
                                         Golden{"vww", "vww_96_int8.tflite", 31},
                                         Golden{"resnet", "ic_pretrainedResnet_int8.tflite", 16},
                                         Golden{"ad", "ad01_int8.tflite", 10}),
                         [](const auto& param) { return std::string(param.param.folder); });

}  // namespace
}  // namespace mote
