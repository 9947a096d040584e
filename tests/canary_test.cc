// Guards between buffers and the known answer, in generated code.
#include <gtest/gtest.h>

#include <filesystem>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/records.h"
#include "host/driver/run.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kTinyConv = fs::path(MOTE_SOURCE_DIR) / "examples" / "tiny_conv" / "tiny_conv.tflite";

RunModelOptions with_canaries(const char* board) {
  RunModelOptions options;
  options.board = board;
  options.compile.canaries = true;
  options.count_instructions = false;
  return options;
}

TEST(Canaries, LiveWhereNobodyOverruns) {
  const Result<Graph> graph = load_model(kTinyConv);
  ASSERT_TRUE(graph.ok());
  const auto run = run_model(graph.value(), noise_records(graph.value(), 2, 3), with_canaries("host"));
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_TRUE(run.value().mismatches.empty());
  const auto plain = compile_graph(graph.value(), {});
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(plain.value().placement.guards.empty());
  EXPECT_GT(run.value().model.arena_bytes, plain.value().placement.arena_bytes);
}

// A kernel of the user's own in place of ours, which writes one byte too many.
TEST(Canaries, NameTheTensorAndTheLayerThatOverranIt) {
  const Result<Graph> graph = load_model(kTinyConv);
  ASSERT_TRUE(graph.ok());
  const auto overlay = TemporaryFolder::create("canary_test");
  ASSERT_TRUE(overlay.ok());
  ASSERT_TRUE(write_file(overlay.value().path() / "device/kernels/softmax/softmax_s8_portable.cc",
                         "#include \"device/kernels/softmax/softmax.h\"\n\n"
                         "void mote::kernels::softmax_s8_portable(const SoftmaxParams& p, const std::int8_t*, "
                         "std::int8_t* y) {\n  for (std::int32_t i = 0; i <= p.rows * p.depth; ++i) y[i] = 0;\n}\n")
                  .ok());
  for (const char* board : {"host", "mps2-an386"}) {
    if (std::string(board) != "host" &&
        (!find_program("arm-none-eabi-g++", "").ok() || !find_program("qemu-system-arm", "").ok())) {
      continue;
    }
    RunModelOptions options = with_canaries(board);
    options.overlay = overlay.value().path();
    const auto run = run_model(graph.value(), noise_records(graph.value(), 1, 3), options);
    ASSERT_FALSE(run.ok()) << board;
    EXPECT_NE(run.error().what.find("softmax wrote beyond the end of 'scores'"), std::string::npos)
        << run.error().text();
  }
}

TEST(KnownAnswer, SelfTestTellsRightKernelsFromWrongOnes) {
  const Result<Graph> graph = load_model(kTinyConv);
  ASSERT_TRUE(graph.ok());
  CompileOptions options;
  options.core = "host";
  options.known_answer = true;
  const auto program = compile_graph(graph.value(), options);
  ASSERT_TRUE(program.ok()) << program.error().text();
  EXPECT_NE(program.value().answer.seed, 0U);
  const auto work = TemporaryFolder::create("canary_test");
  ASSERT_TRUE(work.ok());
  const fs::path folder = work.value().path() / "model";
  PackageOptions package;
  package.core = "host";
  package.measure = false;
  const auto code = write_package({&program.value(), 1}, folder, package);
  ASSERT_TRUE(code.ok()) << code.error().text();
  ASSERT_TRUE(write_file(folder / "main.cc",
                         "#include \"tiny_conv.hpp\"\n\nint main() {\n  static tiny_conv::Arena arena;\n"
                         "  return tiny_conv::selftest(arena) ? 0 : 7;\n}\n")
                  .ok());
  const auto build_and_run = [&] {
    std::vector<std::string> argv = {"c++", "-std=c++17", "-ffp-contract=off", "-I", ".", "main.cc", "-o", "main"};
    argv.insert(argv.end(), code.value().sources.begin(), code.value().sources.end());
    const auto built = run_process({argv, folder, std::chrono::minutes(2), ""});
    EXPECT_TRUE(built.ok() && built.value().succeeded()) << (built.ok() ? built.value().err : "");
    const auto ran = run_process({{(folder / "main").string()}, folder, std::chrono::minutes(1), ""});
    return ran.ok() ? ran.value().status : -1;
  };
  EXPECT_EQ(build_and_run(), 0);
  ASSERT_TRUE(write_file(folder / "device/kernels/softmax/softmax_s8_portable.cc",
                         "#include \"device/kernels/softmax/softmax.h\"\n\n"
                         "void mote::kernels::softmax_s8_portable(const SoftmaxParams& p, const std::int8_t* x, "
                         "std::int8_t* y) {\n  for (std::int32_t i = 0; i < p.rows * p.depth; ++i) y[i] = x[i];\n}\n")
                  .ok());
  EXPECT_EQ(build_and_run(), 7);
}

}  // namespace
}  // namespace mote
