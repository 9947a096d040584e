// Firmware on every board: results, counts, stack, faults, time-outs. The model is written by hand, and so is what it
// must compute.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "host/base/file.h"
#include "host/base/resources.h"
#include "host/emulate/compile.h"
#include "host/emulate/firmware.h"
#include "host/emulate/run.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

// What input byte 0 makes layer 1 do beside its sum.
enum Mode : std::uint8_t { kPlain, kLoop, kDeepStack, kTrap, kBadAddress, kHang, kOverflow, kWriteCode };

constexpr std::uint32_t kLoopInstructions = 2;  // per turn
constexpr std::uint32_t kDeepStackBytes = 3000;

// Inputs: u8[8] (mode, 3 unused, u32 turns) and s8[4]. Layer 0 scales the second by weights {1, -2, 3, -4}; layer 1
// sums it to s32. The arena: inputs at 0 and 16, scaled s16[4] at 32, the sum at 48.
constexpr const char* kHeader = R"(#pragma once
#include <cstdint>
namespace tiny { extern const std::int16_t kWeights[4]; }
)";
constexpr const char* kWeights = R"(#include "tiny/tiny_weights.h"
namespace tiny { const std::int16_t kWeights[4] = {1, -2, 3, -4}; }
)";
constexpr const char* kModel = R"(#include <cstring>
#include "tiny/tiny_weights.h"
#ifdef TRACE
extern "C" void mote_trace(std::uint32_t layer, const void* data, std::uint32_t bytes);
#else
static void mote_trace(std::uint32_t, const void*, std::uint32_t) {}
#endif
namespace tiny {
namespace {

[[gnu::noinline]] void deep_stack() {
  volatile std::uint8_t bytes[3000];
  bytes[0] = 1;
  bytes[1] = bytes[0];
}

[[gnu::noinline]] void loop(std::uint32_t turns) {
#if defined(__thumb__)
  __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(turns) : : "cc");
#elif defined(__riscv)
  __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(turns));
#else
  for (volatile std::uint32_t i = 0; i < turns; i = i + 1) {}
#endif
}

[[gnu::noinline]] void hang() {
  while (true) __asm__ volatile("");
}

[[gnu::noinline]] void overflow() {
  constexpr int kBytes = sizeof(void*) == 8 ? 70000 : 20000;  // the host's stack is larger
  volatile std::uint8_t bytes[kBytes];
  for (int i = 0; i < kBytes; ++i) bytes[i] = static_cast<std::uint8_t>(i == 0 ? 0 : bytes[i - 1] + 1);
}

[[gnu::noinline]] void misbehave(std::uint8_t mode, std::uint32_t turns) {
  volatile std::uint32_t* const nothing = reinterpret_cast<std::uint32_t*>(0xF0000000);
  switch (mode) {
    case 1: loop(turns); break;
    case 2: deep_stack(); break;
    case 3: __builtin_trap();
    case 4: *nothing = 1; break;
    case 5: hang(); break;
    case 6: overflow(); break;
    case 7: *const_cast<std::int16_t volatile*>(kWeights) = 7; break;
    default: break;
  }
}

[[gnu::noinline]] void layer_00_mul(std::uint8_t* arena) {
  std::int8_t x[4];
  std::int16_t y[4];
  std::memcpy(x, arena + 16, 4);
  for (int i = 0; i < 4; ++i) y[i] = static_cast<std::int16_t>(x[i] * kWeights[i]);
  std::memcpy(arena + 32, y, 8);
}

[[gnu::noinline]] void layer_01_sum(std::uint8_t* arena) {
  std::int16_t x[4];
  std::uint32_t turns;
  std::memcpy(x, arena + 32, 8);
  std::memcpy(&turns, arena + 4, 4);
  misbehave(arena[0], turns);
  const std::int32_t y = x[0] + x[1] + x[2] + x[3];
  std::memcpy(arena + 48, &y, 4);
}

}  // namespace
}  // namespace tiny

extern "C" void tiny_invoke(std::uint8_t* arena) {
  tiny::layer_00_mul(arena);
  mote_trace(0, arena + 32, 8);
  tiny::layer_01_sum(arena);
  mote_trace(1, arena + 48, 4);
}
)";

// A second model beside it: y = x + 1, with an arena of its own size.
constexpr const char* kOther = R"(#include <cstdint>
namespace other {
namespace {
[[gnu::noinline]] void layer_00_add(std::uint8_t* arena) { arena[992] = static_cast<std::uint8_t>(arena[0] + 1); }
}  // namespace
}  // namespace other
extern "C" void other_invoke(std::uint8_t* arena) { other::layer_00_add(arena); }
)";

PortInfo port(const char* name, DType type, Shape shape, std::int64_t offset, std::int64_t bytes) {
  return {name, type, std::move(shape), {}, offset, bytes};
}

GeneratedCode write_models(const fs::path& folder, bool trace = false) {
  EXPECT_TRUE(write_file(folder / "tiny/tiny_weights.h", kHeader).ok());
  EXPECT_TRUE(write_file(folder / "tiny/tiny_weights.cc", kWeights).ok());
  EXPECT_TRUE(write_file(folder / "tiny/tiny.cc", std::string(trace ? "#define TRACE\n" : "") + kModel).ok());
  EXPECT_TRUE(write_file(folder / "other.cc", kOther).ok());
  GeneratedModel tiny;
  tiny.name = "tiny";
  tiny.arena_bytes = 52;
  tiny.weight_bytes = 8;
  tiny.inputs = {port("mode", DType::u8, {8}, 0, 8), port("x", DType::s8, {4}, 16, 4)};
  tiny.outputs = {port("y", DType::s32, {1}, 48, 4)};
  tiny.layers = {{"layer_00_mul", "mul", "first", "", {4}, 4}, {"layer_01_sum", "sum", "second", "", {1}, 0}};
  GeneratedModel other;
  other.name = "other";
  other.arena_bytes = 1000;
  other.inputs = {port("x", DType::u8, {1}, 0, 1)};
  other.outputs = {port("y", DType::u8, {1}, 992, 1)};
  other.layers = {{"layer_00_add", "add", "only", "", {1}, 0}};
  return {{tiny, other}, {"tiny/tiny.cc", "tiny/tiny_weights.cc", "other.cc"}};
}

RunRecord tiny_record(Mode mode, std::uint32_t turns, const std::array<std::int8_t, 4>& x) {
  Bytes head = {mode, 0, 0, 0};
  for (int i = 0; i < 4; ++i) head.push_back(static_cast<std::uint8_t>(turns >> (8 * i)));
  return {0, {head, Bytes(x.begin(), x.end())}};
}

std::int32_t sum_of(const RecordReport& record) {
  std::int32_t out = 0;
  std::memcpy(&out, record.outputs.at(0).data(), sizeof out);
  return out;
}

// A firmware of the two models in a folder of its own.
class Bench {
 public:
  explicit Bench(const std::string& board_name, const FirmwareOptions& options = {})
      : folder_(TemporaryFolder::create("mote-emulate")) {
    auto board = load_board(board_name);
    if (!board.ok()) throw std::runtime_error(board.error().text());
    const GeneratedCode code = write_models(folder_.value().path() / "code", options.trace);
    auto built =
        build_firmware(board.value(), code, folder_.value().path() / "code", folder_.value().path() / "work", options);
    if (!built.ok()) throw std::runtime_error(built.error().text());
    firmware_ = std::move(built).value();
  }
  [[nodiscard]] const Firmware& firmware() const { return *firmware_; }
  [[nodiscard]] Result<RunReport> run(const std::vector<RunRecord>& records, const RunOptions& options = {}) const {
    return run_firmware(*firmware_, records, options);
  }
  // The error of one record that must fail.
  [[nodiscard]] std::string failure(Mode mode, RunOptions options = {}) const {
    auto result = run({tiny_record(kPlain, 0, {}), tiny_record(mode, 0, {})}, options);
    return result.ok() ? "no failure" : result.error().text();
  }

 private:
  Result<TemporaryFolder> folder_;
  std::optional<Firmware> firmware_;
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

class EveryBoard : public testing::TestWithParam<std::string> {};

TEST_P(EveryBoard, RunsMeasuresAndReportsFailures) {
  const Bench bench(GetParam());
  const Firmware& firmware = bench.firmware();
  const bool emulated = firmware.board.emulator.has_value();
  EXPECT_EQ(firmware.warnings, "");
  EXPECT_EQ(firmware.sizes.weights, 8U);
  EXPECT_EQ(firmware.sizes.arena, 1000U);
  EXPECT_GE(firmware.sizes.ram, firmware.sizes.arena + firmware.sizes.stack);
  if (emulated) {
    EXPECT_LT(firmware.sizes.flash, 4096U);  // the harness may not hide the models
    EXPECT_LT(firmware.sizes.ram, 1000 + firmware.board.stack_bytes + 256);
  }

  std::vector<RunRecord> records;
  for (int i = 0; i < 500; ++i) records.push_back(tiny_record(kPlain, 0, {static_cast<std::int8_t>(i), -128, 127, 5}));
  records.push_back({1, {{41}}});
  records.push_back(tiny_record(kLoop, 1000, {1, 1, 1, 1}));
  records.push_back(tiny_record(kLoop, 251000, {1, 1, 1, 1}));
  auto first = bench.run(records);
  ASSERT_TRUE(first.ok()) << first.error().text();
  const RunReport& report = first.value();
  ASSERT_EQ(report.records.size(), records.size());
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(sum_of(report.records[static_cast<std::size_t>(i)]), static_cast<std::int8_t>(i) + 256 + 381 - 20);
  }
  EXPECT_EQ(report.records[500].outputs, std::vector<Bytes>{{42}});
  EXPECT_EQ(sum_of(report.records[501]), -2);
  EXPECT_EQ(report.counted, emulated);
  if (emulated) {
    // The loop's own instructions, exactly.
    EXPECT_EQ(report.records[502].instructions - report.records[501].instructions, 250000 * kLoopInstructions);
    EXPECT_EQ(report.records[502].layer_instructions[1] - report.records[501].layer_instructions[1],
              250000 * kLoopInstructions);
    EXPECT_EQ(report.records[502].layer_instructions[0], report.records[501].layer_instructions[0]);
    for (const RecordReport& record : report.records) {
      const auto& layers = record.layer_instructions;
      const auto sum = std::accumulate(layers.begin(), layers.end(), std::uint64_t{0});
      EXPECT_LE(sum, record.instructions);
      EXPECT_LE(record.instructions - sum, 8U);  // invoke's prologue and first call
    }
    auto second = bench.run(records);
    ASSERT_TRUE(second.ok()) << second.error().text();
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(report.records[i].layer_instructions, second.value().records[i].layer_instructions);
      EXPECT_EQ(report.records[i].instructions, second.value().records[i].instructions);
    }
  }

  const std::uint32_t shallow = report.invoke_stack_bytes[0];
  auto deep = bench.run({tiny_record(kPlain, 0, {}), tiny_record(kDeepStack, 0, {}), tiny_record(kPlain, 0, {})});
  ASSERT_TRUE(deep.ok()) << deep.error().text();
  constexpr std::uint32_t kFrames = 128;  // what the calls around the buffer need
  const std::uint32_t slack = emulated ? kFrames : 1024;
  EXPECT_LE(shallow, slack);
  EXPECT_GE(deep.value().invoke_stack_bytes[0], kDeepStackBytes);
  EXPECT_LE(deep.value().invoke_stack_bytes[0], kDeepStackBytes + slack);
  EXPECT_EQ(deep.value().invoke_stack_bytes[1], 0U);  // it did not run
  if (emulated) {
    EXPECT_GT(deep.value().program_stack_bytes, deep.value().invoke_stack_bytes[0]);
    EXPECT_LE(deep.value().program_stack_bytes, deep.value().invoke_stack_bytes[0] + 512);
  }

  const bool has_reasons = firmware.board.core.name != "cortex-m0";  // armv6-m cannot tell
  const auto expect_fault = [&](Mode mode, const std::string& reason, const std::string& function) {
    const std::string text = bench.failure(mode);
    expect_contains(text, "board " + GetParam() + ": the firmware stopped with a fault: ");
    if (emulated) expect_contains(text, has_reasons ? reason : "hard fault");
    expect_contains(text, function);
    if (emulated) expect_contains(text, "in layer 1 sum 'second' of 'tiny', record 1");
  };
  expect_fault(kTrap, firmware.board.core.family == "riscv" ? "breakpoint" : "undefined instruction", "misbehave");
  expect_fault(kBadAddress, "memory at the", "misbehave");
  if (has_reasons) expect_contains(bench.failure(kBadAddress), "data address 0xf0000000");
  const std::string overflow = bench.failure(kOverflow);
  expect_contains(overflow, "stack overflow");
  expect_contains(overflow, "raise stack_bytes");

  RunOptions soon;
  soon.timeout = 3s;  // what an emulator needs to start on a busy computer, and more
  const std::string hang = bench.failure(kHang, soon);
  expect_contains(hang, "not done after 3.0 s: it was in function 'tiny::(anonymous namespace)::hang()'");
  if (emulated) expect_contains(hang, "in layer 1 sum 'second' of 'tiny', record 1");
}

INSTANTIATE_TEST_SUITE_P(All, EveryBoard, testing::ValuesIn(board_names()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Firmware, ConstantsAreWriteProtectedOnRiscv) {
  const Bench bench("riscv-virt");
  expect_contains(bench.failure(kWriteCode), "no writable memory at the address");
}

TEST(Firmware, TraceHoldsEveryLayerOfEveryRecord) {
  FirmwareOptions options;
  options.trace = true;
  options.optimize = "-O2";
  for (const char* board : {"host", "mps2-an386"}) {
    const Bench bench(board, options);
    auto result = bench.run({tiny_record(kPlain, 0, {1, 2, 3, 4}), {1, {{7}}}, tiny_record(kPlain, 0, {1, 0, 0, 0})});
    ASSERT_TRUE(result.ok()) << result.error().text();
    const auto& records = result.value().records;
    EXPECT_FALSE(result.value().counted);
    ASSERT_EQ(records[0].trace.size(), 2U);
    EXPECT_EQ(records[0].trace[0].layer, 0U);
    EXPECT_EQ(records[0].trace[0].bytes, (Bytes{1, 0, 0xFC, 0xFF, 9, 0, 0xF0, 0xFF}));
    EXPECT_EQ(records[0].trace[1].layer, 1U);
    EXPECT_EQ(records[0].trace[1].bytes, (Bytes{0xF6, 0xFF, 0xFF, 0xFF}));
    EXPECT_TRUE(records[1].trace.empty());
    EXPECT_EQ(records[2].trace[1].bytes, (Bytes{1, 0, 0, 0}));
  }
}

std::string small_board(std::uint64_t flash, std::uint64_t ram, std::uint64_t stack) {
  return "description = \"small\"\ncore = \"cortex-m3\"\nstack_bytes = " + std::to_string(stack) +
         "\n[memory]\nflash = { origin = 0, bytes = " + std::to_string(flash) +
         " }\nram = { origin = 0x20000000, bytes = " + std::to_string(ram) +
         " }\n[emulator]\nprogram = \"qemu-system-arm\"\npackage = \"qemu-system-arm\"\n"
         "arguments = [\"-machine\", \"mps2-an385\"]\n";
}

TEST(Firmware, TooLargeIsToldInBytes) {
  auto folder = TemporaryFolder::create("mote-emulate");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder.value().path();
  const GeneratedCode code = write_models(path / "code");
  const auto build = [&](std::uint64_t flash, std::uint64_t ram) {
    EXPECT_TRUE(write_file(path / "small/board.toml", small_board(flash, ram, 512)).ok());
    auto board = load_board((path / "small").string());
    EXPECT_TRUE(board.ok()) << board.error().text();
    auto built = build_firmware(board.value(), code, path / "code", path / "work");
    return built.ok() ? std::to_string(built.value().sizes.flash) + " " + std::to_string(built.value().sizes.ram)
                      : built.error().text();
  };
  const std::string fits = build(8192, 8192);
  const std::size_t flash = std::stoul(fits);
  const std::size_t ram = std::stoul(fits.substr(fits.find(' ')));
  EXPECT_EQ(build(flash, ram), fits);
  expect_contains(build(flash - 4, ram),
                  "board small: flash (" + std::to_string(flash - 4) + " bytes) is too small by 4 bytes");
  expect_contains(build(1024, 1024), "RAM (1024 bytes) is too small by " + std::to_string(ram - 1024) + " bytes");
}

TEST(Firmware, StaticConstructorsAreRefused) {
  auto folder = TemporaryFolder::create("mote-emulate");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder.value().path();
  GeneratedCode code = write_models(path / "code");
  ASSERT_TRUE(write_file(path / "code/ctor.cc",
                         "int f(); int f() { static volatile int i = 3; return i; }\n"
                         "int made_at_start; namespace { struct S { S() { made_at_start = f(); } } s; }\n")
                  .ok());
  code.sources.emplace_back("ctor.cc");
  auto built = build_firmware(load_board("mps2-an386").value(), code, path / "code", path / "work");
  ASSERT_FALSE(built.ok());
  expect_contains(built.error().text(), "static constructors are not allowed");
}

TEST(Firmware, CompilerErrorsNameTheSource) {
  auto folder = TemporaryFolder::create("mote-emulate");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder.value().path();
  const GeneratedCode code = write_models(path / "code");
  ASSERT_TRUE(write_file(path / "code/other.cc", "this is not C++\n").ok());
  auto built = build_firmware(load_board("host").value(), code, path / "code", path / "work");
  ASSERT_FALSE(built.ok());
  expect_contains(built.error().text(), "other.cc: g++ failed:");
}

TEST(Firmware, MissingToolsNameTheirPackage) {
  auto folder = TemporaryFolder::create("mote-emulate");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder.value().path();
  const GeneratedCode code = write_models(path / "code");
  Board board = load_board("mps2-an386").value();
  auto built = build_firmware(board, code, path / "code", path / "work");
  ASSERT_TRUE(built.ok()) << built.error().text();
  Firmware firmware = std::move(built).value();
  firmware.board.emulator->program = "no-such-emulator";
  auto run = run_firmware(firmware, {});
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().fix, "apt-get install qemu-system-arm");
  board.core.compiler = "no-such-compiler";
  auto again = build_firmware(board, code, path / "code", path / "work");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().fix, "apt-get install gcc-arm-none-eabi");
}

TEST(Firmware, WrongInputsAreToldBeforeAnythingRuns) {
  const Bench bench("host");
  expect_contains(bench.run({{2, {}}}).error().text(), "record 0: names a model that is not there");
  expect_contains(bench.run({{1, {}}}).error().text(), "record 0: 0 inputs given, 'other' has 1");
  expect_contains(bench.run({{1, {{1}}}, {1, {{1, 2}}}}).error().text(),
                  "record 1: input 0 'x' has 2 bytes, expected 1");
}

TEST(Firmware, EmulatorErrorsAreShown) {
  const Bench bench("mps2-an385");
  Firmware firmware = bench.firmware();
  firmware.board.emulator->arguments = {"-machine", "no-such-machine"};
  auto run = run_firmware(firmware, {});
  ASSERT_FALSE(run.ok());
  expect_contains(run.error().text(), "qemu-system-arm ended with status 1");
  expect_contains(run.error().text(), "unsupported machine type");
}

TEST(Firmware, CounterThatCannotLoadIsAnError) {
  const Bench bench("mps2-an385");
  setenv("MOTE_COUNT_PLUGIN", "/dev/null/nothing.so", 1);
  auto missing = bench.run({});
  ASSERT_FALSE(missing.ok());
  expect_contains(missing.error().text(), "the instruction counter is missing");
  const fs::path fake = bench.firmware().work / "fake,name.so";
  ASSERT_TRUE(write_file(fake, "not a library").ok());
  setenv("MOTE_COUNT_PLUGIN", fake.c_str(), 1);
  auto broken = bench.run({});
  unsetenv("MOTE_COUNT_PLUGIN");
  ASSERT_FALSE(broken.ok());
  expect_contains(broken.error().text(), "fake,name.so");
}

// The compilers without a C++ library use our few headers: every kernel must get along with them.
TEST(CompileSources, EveryPortableKernelCompilesWithoutWarnings) {
  for (const char* name : {"rv32imc", "cortex-m0"}) {
    auto folder = TemporaryFolder::create("mote-emulate");
    ASSERT_TRUE(folder.ok());
    const fs::path path = folder.value().path();
    const Core core = load_core(name).value();
    ASSERT_TRUE(write_port_files(core, path).ok());
    std::vector<CompileJob> jobs;
    for (const Resource& r : resource_table()) {
      if (r.path.starts_with("ports/")) continue;
      ASSERT_TRUE(write_file(path / r.path, r.text).ok());
      if (r.path.ends_with("_portable.cc")) jobs.push_back({r.path, std::to_string(jobs.size()) + ".o"});
    }
    ASSERT_GT(jobs.size(), 1U);
    auto warnings = compile_sources({core, "-O2", {}}, path, jobs);
    ASSERT_TRUE(warnings.ok()) << warnings.error().text();
    EXPECT_EQ(warnings.value(), "");
  }
}

TEST(CompileSources, MissingHeadersNameTheirPackage) {
  const Core core = load_core("cortex-m4").value();
  EXPECT_EQ(toolchain_error(core, "x.cc", "x.cc:1:10: fatal error: cstdint: No such file or directory").fix,
            "apt-get install libstdc++-arm-none-eabi-newlib");
  EXPECT_EQ(toolchain_error(core, "x.cc", "x.cc:1:10: fatal error: mine.h: No such file or directory").fix, "");
}

TEST(MeasureCode, CountsModelsWithoutTheHarness) {
  auto folder = TemporaryFolder::create("mote-emulate");
  ASSERT_TRUE(folder.ok());
  const fs::path path = folder.value().path();
  const GeneratedCode code = write_models(path / "code");
  auto sizes = measure_code(load_core("cortex-m0plus").value(), code, path / "code", path / "work");
  ASSERT_TRUE(sizes.ok()) << sizes.error().text();
  EXPECT_GT(sizes.value().code_bytes, 100);
  EXPECT_LT(sizes.value().code_bytes, 1000);
  EXPECT_GE(sizes.value().constants_bytes, 8);
  EXPECT_EQ(sizes.value().ram_bytes, 0);
  EXPECT_EQ(sizes.value().core, "cortex-m0plus");
  expect_contains(sizes.value().flags, "-Os -mthumb -mcpu=cortex-m0plus");
}

}  // namespace
}  // namespace mote
