// Models that were read are written and read again, and other runtimes compute the same from the written file.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/export/tflite.h"
#include "host/import/tflite.h"
#include "host/input/formats.h"
#include "host/interpret/interpreter.h"
#include "host/quantize/quantize.h"
#include "host/train/network.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = MOTE_SOURCE_DIR;
const fs::path kPython = kRoot / "build" / "venv" / "bin" / "python";
constexpr int kRuns = 5;

// What a runtime computes from the file, against the host interpreter. 0: all bytes are the same.
void compare(const char* oracle, const fs::path& model, const Graph& graph) {
  SCOPED_TRACE(fmt::format("{} {}", oracle, model.string()));
  auto folder = TemporaryFolder::create("mote-export-oracle");
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  const fs::path out = folder.value().path();
  auto ran = run_process({.argv = {kPython.string(), (kRoot / "tools" / "oracle" / oracle).string(), model.string(),
                                   out.string(), "--seed", "1", "--runs", std::to_string(kRuns)},
                          .folder = kRoot,
                          .timeout = std::chrono::minutes(5),
                          .last_words = ""});
  ASSERT_TRUE(ran.ok()) << ran.error().text();
  ASSERT_TRUE(ran.value().succeeded()) << ran.value().out << ran.value().err;
  auto host = Interpreter::create(graph);
  ASSERT_TRUE(host.ok()) << host.error().text();
  const auto load = [&](const std::string& file, TensorId id) {
    auto bytes = read_file(out / file);
    EXPECT_TRUE(bytes.ok());
    auto all = input::read_npy(bytes.value(), graph.tensor(id));
    EXPECT_TRUE(all.ok()) << all.error().text();
    return all.value().at(0);
  };
  for (int r = 0; r < kRuns; ++r) {
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
      inputs.push_back(load(fmt::format("run{}_input{}.npy", r, i), graph.inputs[i]));
    auto outputs = host.value().run(inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.error().text();
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      EXPECT_EQ(outputs.value()[i], load(fmt::format("run{}_output{}.npy", r, i), graph.outputs[i])) << "run " << r;
  }
}

TEST(Export, EveryModelComesBackAsItWas) {
  const fs::path shared = kRoot / ".." / "shared";
  if (!fs::exists(shared / "models")) GTEST_SKIP() << "no models beside the source tree: " << shared;
  auto scratch = TemporaryFolder::create("mote-export");
  ASSERT_TRUE(scratch.ok()) << scratch.error().text();
  int same = 0;
  for (const char* folder : {"mlperf_tiny/models", "models"}) {
    for (const auto& entry : fs::directory_iterator(shared / folder)) {
      if (entry.path().extension() != ".tflite") continue;
      SCOPED_TRACE(entry.path().string());
      auto bytes = read_file(entry.path());
      ASSERT_TRUE(bytes.ok()) << bytes.error().text();
      auto graph = import_tflite(bytes.value(), entry.path().string());
      if (!graph.ok()) continue;  // not one of ours; tests/tflm_test.cc lists them
      auto written = export_tflite(graph.value());
      if (!graph.value().states.empty()) {
        EXPECT_FALSE(written.ok()) << "a model with state was written without it";
        continue;
      }
      ASSERT_TRUE(written.ok()) << written.error().text();
      auto back = import_tflite(written.value(), entry.path().string());
      ASSERT_TRUE(back.ok()) << back.error().text();
      EXPECT_TRUE(back.value() == graph.value());
      ++same;
      const std::string name = entry.path().filename().string();
      if (!fs::exists(kPython) || !name.ends_with("_int8.tflite")) continue;
      const fs::path file = scratch.value().path() / name;
      ASSERT_TRUE(
          write_file(file, {reinterpret_cast<const char*>(written.value().data()), written.value().size()}).ok());
      compare("run_tflm.py", file, graph.value());
      // LiteRT rounds fully connected layers with one scale otherwise than TFLM does, and mote does as TFLM.
      if (name.starts_with("kws")) compare("run_litert.py", file, graph.value());
    }
  }
  EXPECT_GE(same, 8);
}

// Every kind of network with random weights: quantised, written, and the same in both runtimes to the last bit.
TEST(Export, NetworksOfTheTrainerAreTheSameEverywhere) {
  if (!fs::exists(kPython)) GTEST_SKIP() << "no Python with the wheels: " << kPython;
  auto scratch = TemporaryFolder::create("mote-export");
  ASSERT_TRUE(scratch.ok()) << scratch.error().text();
  std::mt19937 random(7);
  const auto number = [&](double most) {
    return static_cast<float>((static_cast<double>(random()) * 0x1p-31 - 1) * most);
  };
  for (const char* name : {"dnn", "cnn1d", "ds_cnn", "causal"}) {
    SCOPED_TRACE(name);
    auto project = Project::parse(fmt::format("[model]\nname = \"{}\"\nfilters = 12\nblocks = 3\n", name), "");
    ASSERT_TRUE(project.ok()) << project.error().text();
    auto network = train::make_network(project.value(), 32, 10, 5);
    ASSERT_TRUE(network.ok()) << network.error().text();
    std::vector<train::LayerWeights> weights;
    for (const train::Layer& l : network.value().layers) {
      train::LayerWeights w;
      if (l.has_weights()) {
        const auto count = static_cast<std::size_t>(elements(l.weight_shape()));
        const double fan_in = static_cast<double>(count) / static_cast<double>(l.out_c);
        for (std::size_t i = 0; i < count; ++i) w.weights.push_back(number(2 / std::sqrt(fan_in)));
        for (std::int64_t i = 0; i < l.out_c; ++i) w.bias.push_back(number(0.3));
      }
      weights.push_back(std::move(w));
    }
    const train::BuiltGraph built = train::build_graph(network.value(), weights);
    std::vector<std::vector<Bytes>> records;
    for (int r = 0; r < 8; ++r) {
      std::vector<float> x(320);
      for (float& v : x) v = number(4);
      Bytes bytes(x.size() * sizeof(float));
      std::memcpy(bytes.data(), x.data(), bytes.size());
      records.push_back({std::move(bytes)});
    }
    auto ranges = calibrate(built.graph, records);
    ASSERT_TRUE(ranges.ok()) << ranges.error().text();
    QuantizeOptions options;
    options.given[built.graph.inputs[0]] = {{train::kInputScale}, {0}, 0};
    auto int8 = quantize_graph(built.graph, ranges.value(), options);
    ASSERT_TRUE(int8.ok()) << int8.error().text();
    auto written = export_tflite(int8.value());
    ASSERT_TRUE(written.ok()) << written.error().text();
    const fs::path file = scratch.value().path() / (std::string(name) + ".tflite");
    ASSERT_TRUE(write_file(file, {reinterpret_cast<const char*>(written.value().data()), written.value().size()}).ok());
    auto back = import_tflite(written.value(), file.string());
    ASSERT_TRUE(back.ok()) << back.error().text();
    compare("run_tflm.py", file, back.value());
    compare("run_litert.py", file, back.value());
  }
}

}  // namespace
}  // namespace mote
