// mote gate: passes on what it measured, fails a kernel that was slowed on purpose, and names it.
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/base/resources.h"
#include "host/driver/gate.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kExamples = fs::path(MOTE_SOURCE_DIR) / "examples";

TEST(Gate, FailsASlowedKernelAndNamesIt) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-g++", "").ok()) {
    GTEST_SKIP() << "no QEMU or compiler";
  }
  GateEntry entry;
  entry.model = "tiny_conv/tiny_conv.tflite";
  entry.board = "mps2-an386";
  auto before = measure_gate(entry, kExamples);
  ASSERT_TRUE(before.ok()) << before.error().text();
  auto again = measure_gate(entry, kExamples);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(compare_gate(before.value(), again.value(), 0).failures.empty());

  // The same kernel, with a loop that does nothing at its begin.
  const std::string kernel = before.value().layers.at(0).kernel;
  ASSERT_EQ(kernel, "conv_2d_s8_armv7em");
  const std::string path = "device/kernels/conv_2d/" + kernel + ".cc";
  std::string source(find_resource(path).value_or(""));
  std::size_t at = source.find("void " + kernel + "(");
  ASSERT_NE(at, std::string::npos);
  at = source.find('{', at) + 1;
  source.insert(at, " for (volatile int i = 0; i < 500; i = i + 1) {} ");
  auto overlay = TemporaryFolder::create("mote");
  ASSERT_TRUE(overlay.ok());
  const fs::path file = overlay.value().path() / path;
  fs::create_directories(file.parent_path());
  ASSERT_TRUE(write_file(file, source).ok());
  auto slow = measure_gate(entry, kExamples, overlay.value().path());
  ASSERT_TRUE(slow.ok()) << slow.error().text();
  const GateResult result = compare_gate(before.value(), slow.value(), 1);
  ASSERT_FALSE(result.failures.empty());
  std::string all;
  for (const std::string& failure : result.failures) all += failure + "\n";
  EXPECT_NE(all.find("layer 0 conv_2d got slower: kernel conv_2d_s8_armv7em"), std::string::npos) << all;
  EXPECT_NE(all.find("cycles "), std::string::npos) << all;
  EXPECT_NE(gate_junit({result}).find("failures=\"1\""), std::string::npos);
}

TEST(Gate, ComparesFigureByFigure) {
  GateEntry before;
  before.figures = {{"flash_bytes", 1000}, {"accuracy_percent", 90}, {"cycles", 200}};
  GateEntry after = before;
  after.figures["flash_bytes"] = 1010;
  EXPECT_TRUE(compare_gate(before, after, 1).failures.empty());
  after.figures["flash_bytes"] = 1011;
  EXPECT_EQ(compare_gate(before, after, 1).failures.size(), 1U);
  after.figures["flash_bytes"] = 500;
  after.figures["accuracy_percent"] = 88.5;
  const GateResult worse = compare_gate(before, after, 1);
  ASSERT_EQ(worse.failures.size(), 1U);
  EXPECT_NE(worse.failures[0].find("accuracy_percent"), std::string::npos);
  after.figures.erase("cycles");
  EXPECT_EQ(compare_gate(before, after, 1).failures.size(), 2U);
}

TEST(Gate, BadBaselinesAreErrors) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path file = work.value().path() / "gate.json";
  for (const char* bad : {"", "{", "{}", "{\"tolerance_percent\": 1}", "{\"tolerance_percent\": -1, \"entries\": []}",
                          "{\"tolerance_percent\": 1, \"entries\": [{\"model\": 3}]}"}) {
    ASSERT_TRUE(write_file(file, bad).ok());
    EXPECT_FALSE(read_gate(file).ok()) << bad;
  }
  GateBaseline baseline;
  baseline.entries.push_back({"m.tflite", "mps2-an386", "ram", "", {}, {}, {{"cycles", 5}}, {{"conv_2d", "k", 1, 2}}});
  ASSERT_TRUE(write_gate(file, baseline).ok());
  auto read = read_gate(file);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read.value().entries.at(0).figures.at("cycles"), 5);
  EXPECT_EQ(read.value().entries.at(0).layers.at(0).kernel, "k");
}

}  // namespace
}  // namespace mote
