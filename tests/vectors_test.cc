// Every foreign vector through importer, verifier and host interpreter; every kernel row reached by some vector.
#include "tests/vectors.h"
#include "tests/emulated_kernels.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"

namespace mote {
namespace {

const std::filesystem::path kCommitted = std::filesystem::path(MOTE_SOURCE_DIR) / "tests" / "vectors";

Result<Graph> load(const vectors::Vector& v) {
  MOTE_LET(bytes, read_file(v.model));
  MOTE_LET(graph, import_tflite(bytes, v.model.string()));
  MOTE_TRY(verify(graph));
  return graph;
}

void replay(const std::filesystem::path& bin) {
  auto v = vectors::read(bin);
  ASSERT_TRUE(v.ok()) << v.error().text();
  const vectors::Vector& vector = v.value();
  SCOPED_TRACE(vector.op + "/" + vector.name);
  auto graph = load(vector);
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  auto interpreter = Interpreter::create(graph.value());
  ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
  for (std::size_t r = 0; r < vector.runs.size(); ++r) {
    auto outputs = interpreter.value().run(vector.runs[r].inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.error().text();
    ASSERT_EQ(outputs.value().size(), vector.outputs.size());
    for (std::size_t i = 0; i < vector.outputs.size(); ++i) {
      const std::string wrong = vectors::difference(vector.outputs[i], outputs.value()[i], vector.runs[r].outputs[i]);
      EXPECT_EQ(wrong, "") << "run " << r << ", output " << i << " '"
                           << graph.value().tensor(graph.value().outputs[i]).name << "'";
    }
  }
}

TEST(Vectors, HostInterpreterGivesTheOraclesOutputs) {
  const auto files = vectors::list(kCommitted);
  ASSERT_FALSE(files.empty());
  for (const auto& bin : files) replay(bin);
}

TEST(Vectors, FreshOnesToo) {
  const char* folder = std::getenv("MOTE_FRESH_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "MOTE_FRESH_VECTORS names no folder of fresh vectors";
  const auto files = vectors::list(folder);
  ASSERT_FALSE(files.empty()) << folder;
  for (const auto& bin : files) replay(bin);
}

TEST(Vectors, EveryKernelRowIsSelectedForOne) {
  std::set<std::string_view> isas;
  std::set<std::string_view> waiting;
  for (const OpRow& op : all_ops()) {
    for (const KernelRow& row : op.kernels()) {
      isas.insert(row.isa);
      waiting.insert(row.name);
    }
  }
  const auto select = [&](const Graph& graph, Goal goal = Goal::balanced) {
    for (const Node& node : graph.nodes) {
      for (const std::string_view isa : isas) {
        IsaSet target;
        target.names = {std::string(isa), "portable"};
        target.goal = goal;
        // The fastest, then what takes its place where there is less and less room for scratch.
        while (target.max_scratch_bytes >= 0) {
          auto lowered = op_row(node.kind).def->lower(graph, node, target);
          ASSERT_TRUE(lowered.ok()) << lowered.error().text();
          target.max_scratch_bytes = 0;
          for (const KernelCall& call : lowered.value().calls) {
            waiting.erase(call.row->name);
            target.max_scratch_bytes = std::max(target.max_scratch_bytes, call.scratch_bytes);
          }
          --target.max_scratch_bytes;
        }
      }
    }
  };
  for (const auto& bin : vectors::list(kCommitted)) {
    auto v = vectors::read(bin);
    ASSERT_TRUE(v.ok()) << v.error().text();
    auto graph = load(v.value());
    ASSERT_TRUE(graph.ok()) << graph.error().text();
    select(graph.value());
  }
  // No vector has more channels than a slice of the depthwise kernel that takes them in slices.
  testing::RandomValues random(1);
  testing::GraphBuilder b;
  testing::add_weighted_node(
      b, random, OpKind::depthwise_conv_2d, {1, 5, 5, 8}, {1, 3, 3, 8}, 3, 9, {1, 5, 5, 8},
      {{"stride_h", std::int64_t{1}}, {"stride_w", std::int64_t{1}}, {"padding", std::string("same")}});
  select(b.graph);
  // And none is worth coding.
  testing::GraphBuilder coded;
  testing::add_weighted_node(coded, random, OpKind::fully_connected, {1, 64}, {40, 64}, 0, 64, {1, 40}, {},
                             testing::Weights::small);
  select(coded.graph, Goal::flash);
  for (const std::string_view name : waiting) ADD_FAILURE() << name << " is selected for no vector";
}

}  // namespace
}  // namespace mote
