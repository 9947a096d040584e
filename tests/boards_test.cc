// The foreign vectors as firmware on every board: importer, passes, planner, writer, cross compiler, kernels, start-up.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/codegen/writer.h"
#include "host/driver/compile.h"
#include "host/emulate/firmware.h"
#include "host/emulate/run.h"
#include "tests/vectors.h"

namespace mote {
namespace {

constexpr std::size_t kModelsPerFirmware = 80;  // what the smallest flash holds with room to spare

struct Case {
  vectors::Vector vector;
  Program program;
};

// The vectors compiled for a core, each under a name of its own.
std::vector<Case> compile_vectors(const std::string& core) {
  std::vector<Case> cases;
  for (const auto& bin : vectors::list(std::filesystem::path(MOTE_SOURCE_DIR) / "tests" / "vectors")) {
    auto vector = vectors::read(bin);
    if (!vector.ok()) continue;  // another kind of file; vectors_test reports broken ones
    auto graph = load_model(vector.value().model, vector.value().op + "_" + vector.value().name);
    EXPECT_TRUE(graph.ok()) << graph.error().text();
    if (!graph.ok()) continue;
    CompileOptions options;
    options.core = core;
    auto program = compile_graph(std::move(graph).value(), options);
    // Where a pass can compute everything, nothing is left to run on the chip.
    if (!program.ok() && program.error().what.find("does not depend on any input") != std::string::npos) continue;
    EXPECT_TRUE(program.ok()) << program.error().text();
    if (program.ok()) cases.push_back({std::move(vector).value(), std::move(program).value()});
  }
  return cases;
}

void run_batch(const Board& board, std::span<const Case> cases) {
  auto work = TemporaryFolder::create("mote-test");
  ASSERT_TRUE(work.ok());
  std::vector<Program> programs;
  std::vector<RunRecord> records;
  for (std::size_t m = 0; m < cases.size(); ++m) {
    programs.push_back(cases[m].program);
    for (const vectors::Run& run : cases[m].vector.runs) records.push_back({m, run.inputs});
  }
  const auto folder = work.value().path() / "models";
  auto code = write_code(programs, folder, {});
  ASSERT_TRUE(code.ok()) << code.error().text();
  auto firmware = build_firmware(board, code.value(), folder, work.value().path() / "firmware");
  ASSERT_TRUE(firmware.ok()) << firmware.error().text();
  EXPECT_EQ(firmware.value().warnings, "");
  auto report = run_firmware(firmware.value(), records, {.count_instructions = false});
  ASSERT_TRUE(report.ok()) << report.error().text();
  ASSERT_EQ(report.value().records.size(), records.size());
  std::size_t record = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.vector.op + "/" + c.vector.name);
    for (const vectors::Run& run : c.vector.runs) {
      const auto& outputs = report.value().records[record++].outputs;
      ASSERT_EQ(outputs.size(), run.outputs.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        EXPECT_EQ(vectors::difference(c.vector.outputs[i], outputs[i], run.outputs[i]), "");
      }
    }
  }
}

class VectorsOnBoards : public testing::TestWithParam<std::string> {};

TEST_P(VectorsOnBoards, GiveTheOraclesOutputs) {
  auto board = load_board(GetParam());
  ASSERT_TRUE(board.ok()) << board.error().text();
  const std::vector<Case> cases = compile_vectors(board.value().core.name);
  ASSERT_FALSE(cases.empty());
  for (std::size_t at = 0; at < cases.size(); at += kModelsPerFirmware) {
    run_batch(board.value(), std::span(cases).subspan(at, std::min(kModelsPerFirmware, cases.size() - at)));
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string out = info.param;
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

// One board for every best instruction set: boards that share it run the same kernels.
std::vector<std::string> one_board_per_isa() {
  std::vector<std::string> boards;
  std::set<std::string> isas;
  for (const std::string& name : board_names()) {
    const auto board = load_board(name);
    if (board.ok() && isas.insert(board.value().core.isas.names.front()).second) boards.push_back(name);
  }
  return boards;
}

INSTANTIATE_TEST_SUITE_P(All, VectorsOnBoards, testing::ValuesIn(one_board_per_isa()), test_name);

}  // namespace
}  // namespace mote
