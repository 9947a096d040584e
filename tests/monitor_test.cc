// mote monitor on a pseudo-terminal that the emulated board feeds: its firmware is a generated folder with marks,
// printing over the board's UART.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/compile.h"
#include "host/driver/monitor.h"
#include "host/driver/records.h"
#include "host/driver/run.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// UART0 and SysTick of mps2-an385; semihosting ends the emulator after eight inferences.
constexpr const char* kMain = R"(
#include "mote_marks.h"
#include "tiny_conv.h"
namespace {
alignas(16) unsigned char arena[TINY_CONV_ARENA_BYTES];
volatile uint32_t& uart(uint32_t offset) { return *reinterpret_cast<volatile uint32_t*>(0x40004000U + offset); }
void put(char c) {
  while ((uart(4) & 1U) != 0) {
  }
  uart(0) = static_cast<unsigned char>(c);
}
}
extern "C" [[noreturn]] void reset() {
  uart(0x10) = 16;
  uart(8) = 1;
  mote_marks_start();
  for (int i = 0; i < 8; ++i) {
    tiny_conv_invoke(arena);
    mote_marks_print("tiny_conv", 25000000, put);
  }
  register unsigned operation __asm__("r0") = 0x18;
  register unsigned reason __asm__("r1") = 0x20026;
  __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(reason));
  for (;;) {
  }
}
extern "C" __attribute__((section(".vectors"), used)) const void* const vectors[] = {
    reinterpret_cast<const void*>(0x20010000), reinterpret_cast<const void*>(&reset)};
)";

// The UART of QEMU's virt and its register that ends the emulator.
constexpr const char* kRiscvMain = R"(
#include "mote_marks.h"
#include "tiny_conv.h"
namespace {
alignas(16) unsigned char arena[TINY_CONV_ARENA_BYTES];
void put(char c) { *reinterpret_cast<volatile unsigned char*>(0x10000000U) = static_cast<unsigned char>(c); }
}
extern "C" [[noreturn]] void reset() {
  mote_marks_start();
  for (int i = 0; i < 8; ++i) {
    tiny_conv_invoke(arena);
    mote_marks_print("tiny_conv", 25000000, put);
  }
  *reinterpret_cast<volatile uint32_t*>(0x100000U) = 0x5555;
  for (;;) {
  }
}
__asm__(".section .start, \"ax\"\n\tli sp, 0x80400000\n\tj reset\n\t.previous");
)";

// Builds the firmware in `folder`; "" or what the compiler said.
std::string build(const fs::path& folder, const std::string& core, const char* main, std::vector<std::string> command) {
  auto graph = load_model(fs::path(MOTE_SOURCE_DIR) / "examples/tiny_conv/tiny_conv.tflite");
  if (!graph.ok()) return graph.error().text();
  CompileOptions compile;
  compile.core = core;
  auto program = compile_graph(graph.value(), compile);
  if (!program.ok()) return program.error().text();
  PackageOptions options;
  options.core = core;
  options.measure = false;
  options.marks = true;
  auto code = write_package({&program.value(), 1}, folder / "model", options);
  if (!code.ok()) return code.error().text();
  if (!write_file(folder / "main.cc", main).ok()) return "disk";
  command.insert(command.end(), {"-std=c++17", "-O2", "-fno-exceptions", "-fno-rtti", "-nostartfiles", "-Imodel",
                                 "main.cc", "-o", "firmware.elf"});
  for (const std::string& source : code.value().sources) command.push_back("model/" + source);
  auto made = run_process({command, folder, std::chrono::minutes(2), ""});
  if (!made.ok()) return made.error().text();
  return made.value().succeeded() ? "" : made.value().err;
}

TEST(Monitor, ReadsAnEmulatedBoardLive) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-g++", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path folder = work.value().path();
  ASSERT_EQ(build(folder, "cortex-m0", kMain,
                  {"arm-none-eabi-g++", "-mcpu=cortex-m0", "-mthumb", "--specs=nosys.specs",
                   "-Wl,--section-start=.vectors=0,-Ttext=0x100,-Tbss=0x20000000"}),
            "");
  int board = -1;
  int board_slave = -1;
  int ours = -1;
  int ours_slave = -1;
  std::array<char, 200> board_name{};
  std::array<char, 200> our_name{};
  ASSERT_EQ(openpty(&board, &board_slave, board_name.data(), nullptr, nullptr), 0);
  ASSERT_EQ(openpty(&ours, &ours_slave, our_name.data(), nullptr, nullptr), 0);
  // Open before anything is sent, so that nothing is lost.
  MonitorOptions options;
  options.port = our_name.data();
  options.seconds = 60;
  options.runs = 6;
  options.log = folder / "log.csv";
  std::atomic<bool> done = false;
  // From the board's terminal to ours, but for a few bytes of the stream, which get lost.
  std::thread wire([&] {
    std::size_t passed = 0;
    while (!done) {
      char c = 0;
      if (read(board, &c, 1) != 1) break;
      ++passed;
      if (passed >= 300 && passed < 310) continue;
      if (write(ours, &c, 1) != 1) break;
    }
  });
  std::thread emulator([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    (void)run_process({{"qemu-system-arm", "-machine", "mps2-an385", "-display", "none", "-monitor", "none",
                        "-semihosting-config", "enable=on,target=native", "-icount", "shift=0,align=off,sleep=off",
                        "-serial", board_name.data(), "-kernel", (folder / "firmware.elf").string()},
                       folder,
                       std::chrono::seconds(50),
                       ""});
    close(board_slave);  // the wire sees the end
  });
  auto report = monitor(options);
  emulator.join();
  done = true;
  close(board);
  wire.join();
  close(ours);
  close(ours_slave);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report.value().run_count, 6U);
  const MarkLosses& losses = report.value().losses;
  EXPECT_GT(losses.damaged_lines + losses.cut_runs, 0U);
  EXPECT_GT(losses.missing_runs, 0U);
  for (const MarkedRun& run : report.value().runs) {
    EXPECT_EQ(run.model, "tiny_conv");
    ASSERT_FALSE(run.cycles.empty());
    // SysTick advances with executed instructions, one tick for 40: every inference but the first, whose input is not
    // what the one before left, takes as long, but for rounding.
    if (run.run == 0) continue;
    for (std::size_t l = 0; l < run.cycles.size(); ++l) {
      EXPECT_NEAR(run.cycles[l], report.value().runs.back().cycles[l], 4) << l;
    }
    EXPECT_GT(run.total, 100U);
  }
  auto log = read_text_file(options.log);
  ASSERT_TRUE(log.ok());
  const auto lines = static_cast<std::size_t>(std::ranges::count(log.value(), '\n'));
  EXPECT_EQ(lines, 1 + 6 * report.value().runs[0].cycles.size());
  // An estimate beside it, from a profile's JSON.
  nlohmann::json profile = {
      {"windows", 1}, {"band_percent", 5}, {"rests_on", "x"}, {"layers", nlohmann::json::array()}};
  for (const std::uint32_t cycles : report.value().runs[0].cycles) {
    profile["layers"].push_back({{"name", "layer"}, {"kernel", "k"}, {"cycles", 2 * cycles}});
  }
  ASSERT_TRUE(write_file(folder / "profile.json", profile.dump()).ok());
  ASSERT_TRUE(add_estimate(report.value(), folder / "profile.json").ok());
  EXPECT_NE(monitor_text(report.value()).find("+100.0%"), std::string::npos) << monitor_text(report.value());
  EXPECT_NE(monitor_html(report.value()).find("Cycles of every inference"), std::string::npos);
  profile["layers"].erase(0);
  ASSERT_TRUE(write_file(folder / "profile.json", profile.dump()).ok());
  EXPECT_FALSE(add_estimate(report.value(), folder / "profile.json").ok());
  ASSERT_TRUE(write_file(folder / "profile.json", "{\"layers\":[{\"name\":1,\"kernel\":\"k\"}]}").ok());
  EXPECT_FALSE(add_estimate(report.value(), folder / "profile.json").ok());
}

// mcycle under QEMU's instruction counter is the number of executed instructions. What was printed then comes through a
// port that is unplugged in the middle of a line and returns under the same name.
TEST(Monitor, ReadsRiscvAndOutlivesAPortThatVanishes) {
  if (!find_program("qemu-system-riscv32", "").ok() || !find_program("riscv64-unknown-elf-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path folder = work.value().path();
  const std::string headers = "-I" + (fs::path(MOTE_SOURCE_DIR) / "ports/mcu/riscv/include").string();
  ASSERT_TRUE(write_file(folder / "link.ld",
                         "ENTRY(reset) SECTIONS { . = 0x80000000; .text : { KEEP(*(.start)) *(.text*) *(.rodata*) } "
                         ".data : { *(.data*) *(.sdata*) } .bss : { *(.sbss*) *(.bss*) *(COMMON) } }\n")
                  .ok());
  ASSERT_EQ(build(folder, "rv32imc", kRiscvMain,
                  {"riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "-mcmodel=medany",
                   "--specs=picolibc.specs", "-msmall-data-limit=0", headers, "-T", "link.ld"}),
            "");
  auto ran = run_process(
      {{"qemu-system-riscv32", "-machine", "virt", "-cpu", "rv32", "-bios", "none", "-display", "none", "-monitor",
        "none", "-icount", "shift=0,align=off,sleep=off", "-serial", "file:marks.txt", "-kernel", "firmware.elf"},
       folder,
       std::chrono::seconds(50),
       ""});
  ASSERT_TRUE(ran.ok() && ran.value().succeeded());
  MonitorOptions options;
  options.port = folder / "marks.txt";
  auto whole = monitor(options);
  ASSERT_TRUE(whole.ok()) << whole.error().text();
  ASSERT_EQ(whole.value().run_count, 8U);
  EXPECT_EQ(whole.value().losses.damaged_lines + whole.value().losses.missing_runs, 0U);
  // The same model's executed instructions, counted by the plugin.
  auto graph = load_model(fs::path(MOTE_SOURCE_DIR) / "examples/tiny_conv/tiny_conv.tflite");
  ASSERT_TRUE(graph.ok());
  RunModelOptions run;
  run.board = "riscv-virt";
  auto records = noise_records(graph.value(), 1, 1);
  for (Bytes& input : records.at(0)) std::ranges::fill(input, std::uint8_t{0});  // as the first run found the arena
  auto counted = run_model(graph.value(), records, run);
  ASSERT_TRUE(counted.ok()) << counted.error().text();
  const auto& layers = counted.value().report.records.at(0).layer_instructions;
  ASSERT_EQ(whole.value().runs.at(0).cycles.size(), layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto instructions = static_cast<double>(layers[l]);
    EXPECT_NEAR(whole.value().runs[0].cycles[l], instructions, 0.01 * instructions + 60) << l;
  }

  auto text = read_text_file(folder / "marks.txt");
  ASSERT_TRUE(text.ok());
  const fs::path port = folder / "port";
  int master = -1;
  int slave = -1;
  std::array<char, 200> name{};
  const auto plug = [&] {
    if (openpty(&master, &slave, name.data(), nullptr, nullptr) == 0) fs::create_symlink(name.data(), port);
  };
  const auto unplug = [&] {
    fs::remove(port);
    close(slave);
    close(master);
  };
  const auto send = [&](std::string_view part) {
    // In pieces that a terminal's buffer holds.
    for (std::size_t at = 0; at < part.size();) {
      const ssize_t n = write(master, part.data() + at, std::min<std::size_t>(256, part.size() - at));
      if (n <= 0) return;
      at += static_cast<std::size_t>(n);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  };
  plug();
  options.port = port;
  options.seconds = 60;
  options.runs = 7;  // of eight: the one that was cut is lost
  std::atomic<int> returned = 0;
  options.on_event = [&](const std::string&) { ++returned; };
  std::thread person([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const std::size_t cut = text.value().size() / 2 + 7;
    send(std::string_view(text.value()).substr(0, cut));
    unplug();
    for (int i = 0; i < 100 && returned < 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    plug();
    for (int i = 0; i < 100 && returned < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    send(std::string_view(text.value()).substr(cut));
  });
  auto report = monitor(options);
  person.join();
  unplug();
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report.value().run_count, 7U);
  EXPECT_EQ(report.value().returns, 1);
  EXPECT_GT(report.value().losses.damaged_lines + report.value().losses.cut_runs, 0U);
  EXPECT_EQ(report.value().runs.back().cycles, whole.value().runs.back().cycles);
}

TEST(Monitor, CodeWithoutMarksHasNoneOfThem) {
  auto graph = load_model(fs::path(MOTE_SOURCE_DIR) / "examples/tiny_conv/tiny_conv.tflite");
  ASSERT_TRUE(graph.ok());
  auto program = compile_graph(graph.value(), {});
  ASSERT_TRUE(program.ok());
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  for (const bool marks : {false, true}) {
    PackageOptions options;
    options.measure = false;
    options.marks = marks;
    const fs::path folder = work.value().path() / (marks ? "with" : "without");
    auto code = write_package({&program.value(), 1}, folder, options);
    ASSERT_TRUE(code.ok()) << code.error().text();
    auto source = read_text_file(folder / "tiny_conv.cc");
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(source.value().find("mote_mark") != std::string::npos, marks);
    EXPECT_EQ(fs::exists(folder / "mote_marks.cc"), marks);
  }
}

}  // namespace
}  // namespace mote
