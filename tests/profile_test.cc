// mote profile on programs that are none of ours: assembled here, with counts that follow from their text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/profile.h"
#include "host/driver/records.h"
#include "host/emulate/elf.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// 100 turns of a loop, in a function that the measured part calls; then an endless loop.
constexpr const char* kProgram = R"(
  .syntax unified
  .thumb
  .section .vectors, "a"
  .word 0x20001000
  .word reset + 1
  .text
  .thumb_func
  .type reset, %function
reset:
start_marker:
  movs r0, #100
  bl work
end_marker:
  b end_marker
  .thumb_func
  .type work, %function
work:
  ldr r1, =0x20000000
loop:
  ldr r2, [r1]
  adds r2, #1
  str r2, [r1]
  subs r0, #1
  bne loop
  bx lr
  .size work, .-work
)";

class Program {
 public:
  Program(const std::string& cpu, std::uint64_t flash, const char* text = kProgram) {
    auto folder = TemporaryFolder::create("mote");
    if (!folder.ok()) return;
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    const bool written = write_file(folder_->path() / "p.s", text).ok();
    constexpr std::chrono::minutes kLimit{1};
    const auto run = [&](std::vector<std::string> command) {
      auto result = run_process({std::move(command), folder_->path(), kLimit, ""});
      return result.ok() && result.value().succeeded();
    };
    const std::string sections =
        fmt::format("-Wl,--section-start=.vectors={:#x},-Ttext={:#x},-e,reset", flash, flash + 0x100);
    good_ = written &&
            run({"arm-none-eabi-gcc", "-mcpu=" + cpu, "-mthumb", "-nostdlib", sections, "p.s", "-o", "p.elf"}) &&
            run({"arm-none-eabi-objcopy", "--strip-all", "p.elf", "stripped.elf"});
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] fs::path path(const char* name = "p.elf") const { return folder_->path() / name; }

 private:
  std::unique_ptr<TemporaryFolder> folder_;
  bool good_ = false;
};

ProfileProgramOptions between(const std::string& board, const std::string& from, const std::string& to) {
  ProfileProgramOptions out;
  out.board = board;
  out.from = from;
  out.to = to;
  out.timeout = std::chrono::seconds(20);
  return out;
}

constexpr std::uint64_t kInstructions = 2 + 1 + 100 * 5 + 1;

// Of a turn: a load that stalls 2, an addition 1, a store 1, a subtraction 1, the branch 2, the last time 1. Beside: a
// move 1, a call 2, an address 1 for which the first load waits 1, the return 3.
constexpr double kCyclesM4 = 100 * 7 - 1 + 1 + 2 + 1 + 1 + 3;

TEST(ProfileProgram, CountsALoopExactlyAndEndsAtTheMark) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m4", 0);
  ASSERT_TRUE(program.good());
  auto report = profile_program(program.path(), between("mps2-an386", "start_marker", "end_marker"));
  ASSERT_TRUE(report.ok()) << report.error().text();
  const ProfileReport& first = report.value();
  EXPECT_EQ(first.total.instructions, kInstructions);
  EXPECT_EQ(first.total.cycles, kCyclesM4);
  EXPECT_EQ(first.total.reads, 100U);
  EXPECT_EQ(first.total.writes, 100U);
  ASSERT_EQ(first.calls.size(), 2U);
  EXPECT_EQ(first.calls[1].function, "work");
  EXPECT_EQ(first.calls[1].count, 1U);
  EXPECT_EQ(first.calls[1].total.instructions, kInstructions - 2);
  for (const auto* rows : {&first.functions, &first.lines, &first.classes}) {
    Cost sum;
    for (const ProfileRow& row : *rows) sum += row.cost;
    EXPECT_EQ(sum.instructions, first.total.instructions);
    EXPECT_EQ(sum.cycles, first.total.cycles);
    EXPECT_EQ(sum.reads, first.total.reads);
    EXPECT_EQ(sum.writes, first.total.writes);
  }
  EXPECT_EQ(profile_stacks(first),
            fmt::format("(window) {}\n(window);work {}\n", first.calls[0].self.cycles, first.calls[1].self.cycles));
  auto again = profile_program(program.path(), between("mps2-an386", "start_marker", "end_marker"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(profile_callgrind(again.value()), profile_callgrind(first));

  auto stripped = profile_program(program.path("stripped.elf"), between("mps2-an386", "0x100", "0x106"));
  ASSERT_TRUE(stripped.ok()) << stripped.error().text();
  EXPECT_EQ(stripped.value().total.instructions, kInstructions);
  EXPECT_EQ(stripped.value().total.cycles, kCyclesM4);
  auto nameless = profile_program(program.path("stripped.elf"), between("mps2-an386", "start_marker", "end_marker"));
  ASSERT_FALSE(nameless.ok());
  EXPECT_NE(nameless.error().text().find("no symbols"), std::string::npos);
}

// Linked for the flash of STM32 and RP2040, for RAM, and for external memory.
TEST(ProfileProgram, RunsWhereverItIsLinked) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  for (const auto& [cpu, board, flash] :
       {std::tuple{"cortex-m4", "mps2-an386", 0x08000000U}, std::tuple{"cortex-m4", "mps2-an386", 0x10000000U},
        std::tuple{"cortex-m4", "mps2-an386", 0x20008000U}, std::tuple{"cortex-m4", "mps2-an386", 0x60000000U},
        std::tuple{"cortex-m4", "mps2-an386", 0x90000000U}, std::tuple{"cortex-m7", "mps2-an500", 0x08000000U},
        std::tuple{"cortex-m33", "mps2-an505", 0x00000000U}, std::tuple{"cortex-m55", "mps3-an547", 0x30008000U}}) {
    const Program program(cpu, flash);
    ASSERT_TRUE(program.good());
    for (const char* file : {"p.elf", "stripped.elf"}) {
      ProfileProgramOptions options =
          between(board, fmt::format("{:#x}", flash + 0x100), fmt::format("{:#x}", flash + 0x106));
      auto report = profile_program(program.path(file), options);
      ASSERT_TRUE(report.ok()) << report.error().text();
      EXPECT_EQ(report.value().total.instructions, kInstructions) << flash;
      if (cpu == std::string("cortex-m4")) {
        EXPECT_EQ(report.value().total.cycles, kCyclesM4);
      }
    }
  }
}

// Armv6-M and Armv7-M reference manuals, "system address map": device regions are execute never.
TEST(ProfileProgram, RefusesCodeWhereTheCoreExecutesNothing) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  for (const auto& [cpu, board, flash] :
       {std::tuple{"cortex-m4", "mps2-an386", 0x50000000U}, std::tuple{"cortex-m4", "mps2-an386", 0xA0000000U},
        std::tuple{"cortex-m0", "mps2-an385-m0", 0xE0000000U}}) {
    const Program program(cpu, flash);
    ASSERT_TRUE(program.good());
    for (const bool call : {false, true}) {
      ProfileProgramOptions options = between(board, fmt::format("{:#x}", flash + 0x100), "");
      options.call = call;
      auto report = profile_program(program.path(), options);
      ASSERT_FALSE(report.ok());
      EXPECT_NE(report.error().text().find("that Cortex-M cores do not execute from"), std::string::npos)
          << report.error().text();
    }
  }
}

// Writes, builds and links a text; "" or what the compiler said.
std::string link(const fs::path& folder, const std::string& text, std::vector<std::string> command) {
  if (!write_file(folder / "p.s", text).ok()) return "disk";
  command.insert(command.end(), {"-nostdlib", "p.s", "-o", "p.elf"});
  auto made = run_process({std::move(command), folder, std::chrono::minutes(1), ""});
  if (!made.ok()) return made.error().text();
  return made.value().succeeded() ? "" : made.value().err;
}

// The flash of RP2350, ESP32-C3 and FE310, RAM, and what QEMU's own board would not start.
TEST(ProfileProgram, RunsRiscvWhereverItIsLinked) {
  if (!find_program("qemu-system-riscv32", "").ok() || !find_program("riscv64-unknown-elf-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  auto folder = TemporaryFolder::create("mote");
  ASSERT_TRUE(folder.ok());
  for (const std::uint64_t flash : {0x0U, 0x10000000U, 0x20400000U, 0x42000000U, 0x80000000U, 0x80200000U}) {
    ASSERT_EQ(link(folder.value().path(), R"(
      .option norelax
      .globl reset
      reset:
        li a0, 100
        call work
      end_marker:
        j end_marker
      work:
        li a1, 0x20010000
      loop:
        lw a2, 0(a1)
        addi a2, a2, 1
        sw a2, 0(a1)
        addi a0, a0, -1
        bnez a0, loop
        ret
      )",
                   {"riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32",
                    fmt::format("-Wl,-n,-Ttext={:#x},-e,reset", flash)}),
              "");
    ProfileProgramOptions options = between("riscv-virt", "reset", "end_marker");
    options.timing.table = "hazard3";
    auto report = profile_program(folder.value().path() / "p.elf", options);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report.value().total.instructions, 1 + 2 + 1 + 100 * 5 + 1U) << flash;
    EXPECT_EQ(report.value().total.reads, 100U);
    // By Hazard3's documentation: a move 1, a call in two instructions 3, and 1 more because 32 bits across words are
    // its target, an address 1; of a turn a load that waits 2, three more instructions, and a branch, 1 when predicted,
    // 2 the first and the last time; the return 2.
    EXPECT_EQ(report.value().total.cycles, 1 + 3 + 1 + 1 + 100 * (2 + 3 + 1) + 2 + 2) << flash;
  }
}

// What QEMU itself logs of every executed instruction between two addresses, one block of one instruction each.
std::uint64_t logged_by_qemu(const fs::path& folder, std::vector<std::string> command, std::uint64_t from,
                             std::uint64_t to) {
  command.insert(command.end(), {"-display", "none", "-serial", "none", "-monitor", "none", "-singlestep", "-d",
                                 "exec,nochain", "-D", "log", "-kernel", "p.elf"});
  auto run = run_process({std::move(command), folder, std::chrono::seconds(30), ""});
  auto log = read_text_file(folder / "log");
  if (!run.ok() || !run.value().succeeded() || !log.ok()) return 0;
  std::uint64_t out = 0;
  bool active = false;
  std::istringstream lines(log.value());
  for (std::string line; std::getline(lines, line);) {  // Trace 0: 0x7f... [00000000/PC/...
    const std::size_t at = line.find('/');
    if (!line.starts_with("Trace ") || at == std::string::npos) continue;
    const std::uint64_t pc = std::stoull(line.substr(at + 1), nullptr, 16);
    if (pc == to) return out;
    active = active || pc == from;
    if (active) ++out;
  }
  return 0;
}

// Loops, calls, conditional and table branches, multiple transfers: the plugin and QEMU count the same.
TEST(ProfileProgram, CountsWhatQemuCounts) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok() ||
      !find_program("qemu-system-riscv32", "").ok() || !find_program("riscv64-unknown-elf-gcc", "").ok()) {
    GTEST_SKIP() << "no QEMU or compiler";
  }
  auto folder = TemporaryFolder::create("mote");
  ASSERT_TRUE(folder.ok());
  const fs::path& work = folder.value().path();
  const auto profiled = [&](const std::string& board) {
    std::uint64_t out = 0;
    for (int i = 0; i < 2; ++i) {
      auto report = profile_program(work / "p.elf", between(board, "from", "to"));
      if (!report.ok()) return std::uint64_t{0};
      EXPECT_TRUE(i == 0 || report.value().total.instructions == out);
      out = report.value().total.instructions;
    }
    return out;
  };
  const auto address = [&](const char* name) { return read_elf(work / "p.elf").value().address_of(name).value_or(0); };
  ASSERT_EQ(
      link(work, R"(
    .syntax unified
    .thumb
    .section .vectors, "a"
    .word 0x20001000
    .word reset + 1
    .text
    .thumb_func
    .globl reset
    .type reset, %function
    reset:
    from:
      movs r7, #50
    again:
      push {r4-r7, lr}
      and r0, r7, #3
      tbb [pc, r0]
    table:
      .byte (first - table) / 2, (second - table) / 2, (second - table) / 2, (third - table) / 2
    first:
      cmp r7, #20
      ite gt
      addgt r1, #1
      suble r1, #1
      b done
    second:
      bl twice
      cbz r2, done
    third:
      ldr r3, =0x20000000
      stmia r3!, {r0-r2}
      ldrd r4, r5, [r3, #-8]
      udiv r5, r5, r7
    done:
      pop {r4-r7, lr}
      subs r7, #1
      bne again
    to:
      ldr r1, =0x20026
      movs r0, #0x18
      bkpt 0xab
    .thumb_func
    .type twice, %function
    twice:
      and r2, r7, #5
    inner:
      subs r2, #1
      bpl inner
      adds r2, #1
      bx lr
    )",
           {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-Wl,--section-start=.vectors=0,-Ttext=0x100,-e,reset"}),
      "");
  const std::uint64_t arm = logged_by_qemu(
      work, {"qemu-system-arm", "-machine", "mps2-an386", "-semihosting-config", "enable=on,target=native"},
      address("from"), address("to"));
  EXPECT_GT(arm, 500U);
  EXPECT_EQ(profiled("mps2-an386"), arm);
  ASSERT_EQ(link(work, R"(
    .globl reset
    reset:
    from:
      li s0, 50
    again:
      andi a0, s0, 3
      beqz a0, skip
      call twice
      mul a1, a0, s0
      divu a1, a1, s0
    skip:
      addi s0, s0, -1
      bnez s0, again
    to:
      li a0, 0x100000
      li a1, 0x5555
      sw a1, 0(a0)
    stays:
      j stays
    twice:
      addi a0, a0, -1
      bnez a0, twice
      ret
    )",
                 {"riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "-Wl,-Ttext=0x80000000,-e,reset"}),
            "");
  const std::uint64_t riscv =
      logged_by_qemu(work, {"qemu-system-riscv32", "-machine", "virt", "-cpu", "rv32", "-bios", "none"},
                     address("from"), address("to"));
  EXPECT_GT(riscv, 500U);
  EXPECT_EQ(profiled("riscv-virt"), riscv);
}

// A program that first waits for a clock (bit 17 of a register follows bit 16 on the real chip), then calls a function
// twice, then hangs. The function takes 4 of stack, and what it calls 8 and 16 more.
constexpr const char* kFirmware = R"(
  .syntax unified
  .thumb
  .section .vectors, "a"
  .word 0x20001000
  .word reset + 1
  .text
  .thumb_func
  .type reset, %function
reset:
  ldr r0, =0x40023800
  ldr r1, [r0]
  movs r2, #1
  lsls r2, #16
  orrs r1, r2
  str r1, [r0]
wait:
  ldr r1, [r0]
  lsrs r1, #18
  bcc wait
  bl outer
  nop
  bl outer
  nop
stays:
  b stays
never:
  nop
  .thumb_func
  .type outer, %function
outer:
  push {lr}
  bl inner
  pop {pc}
  .size outer, .-outer
  .thumb_func
  .type inner, %function
inner:
  push {r4, lr}
  sub sp, #16
  movs r4, #7
  str r4, [sp, #4]
  add sp, #16
  pop {r4, pc}
  .size inner, .-inner
)";

TEST(ProfileProgram, MeasuresEveryCallOfAFunctionAndItsStack) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m4", 0x08000000, kFirmware);
  ASSERT_TRUE(program.good());
  auto report = profile_program(program.path(), between("mps2-an386", "outer", ""));
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report.value().total.instructions, 9U);
  EXPECT_EQ(report.value().total.writes, 4U);
  EXPECT_EQ(report.value().stack_bytes, 28U);
  ASSERT_EQ(report.value().notes.size(), 1U);
  EXPECT_NE(report.value().notes[0].find("0x40023800 was waited for"), std::string::npos);
  ProfileProgramOptions all = between("mps2-an386", "outer", "");
  all.windows = 0;
  auto both = profile_program(program.path(), all);
  ASSERT_TRUE(both.ok()) << both.error().text();
  ASSERT_EQ(both.value().each.size(), 2U);
  for (const WindowCost& w : both.value().each) {
    EXPECT_EQ(w.cost.instructions, 9U);
    EXPECT_EQ(w.cost.cycles, report.value().total.cycles);
    EXPECT_EQ(w.stack_bytes, 28U);
  }
  ASSERT_EQ(both.value().calls.size(), 2U);
  EXPECT_EQ(both.value().calls[1].function, "inner");
  EXPECT_EQ(both.value().calls[1].count, 2U);
  all.windows = 3;
  auto fewer = profile_program(program.path(), all);
  ASSERT_TRUE(fewer.ok());
  EXPECT_NE(fewer.value().notes.back().find("2 of 3 windows"), std::string::npos);
}

TEST(ProfileProgram, CallsAFunctionWithoutStartingTheProgram) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  for (const auto& [cpu, board] : {std::pair{"cortex-m0", "mps2-an385-m0"}, std::pair{"cortex-m4", "mps2-an386"},
                                   std::pair{"cortex-m33", "mps2-an505"}, std::pair{"cortex-m55", "mps3-an547"}}) {
    const Program program(cpu, 0x08000000, kFirmware);
    ASSERT_TRUE(program.good());
    ProfileProgramOptions options = between(board, "inner", "");
    options.call = true;
    auto report = profile_program(program.path(), options);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_EQ(report.value().total.instructions, 6U);
    EXPECT_EQ(report.value().stack_bytes, 24U);
    EXPECT_TRUE(report.value().notes.empty());  // nothing was waited for
  }
}

TEST(ProfileProgram, SaysWhereAProgramHangs) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m4", 0x08000000, kFirmware);
  ASSERT_TRUE(program.good());
  auto report = profile_program(program.path(), between("mps2-an386", "never", "stays"));
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().text().find("it hangs in 'reset'"), std::string::npos) << report.error().text();
  EXPECT_NE(report.error().text().find("waited for the device register 0x40023800"), std::string::npos);
}

TEST(ProfileProgram, WaitStatesAddWhatAFetchWaits) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m4", 0);
  ASSERT_TRUE(program.good());
  ProfileProgramOptions options = between("mps2-an386", "start_marker", "end_marker");
  options.timing.wait_states = 5;
  auto slow = profile_program(program.path(), options);
  ASSERT_TRUE(slow.ok()) << slow.error().text();
  EXPECT_EQ(slow.value().total.cycles, kCyclesM4 + slow.value().fetch_stalls);
  EXPECT_GE(slow.value().fetch_stalls, 100 * 5);  // every turn begins with a fetch
  options.timing.cached_lines = 64;
  auto cached = profile_program(program.path(), options);
  ASSERT_TRUE(cached.ok());
  EXPECT_EQ(cached.value().total.cycles, kCyclesM4);
}

TEST(ProfileProgram, RefusesOtherCoresAndMarksThatAreNotThere) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m33", 0);
  ASSERT_TRUE(program.good());
  for (const auto& [board, from, said] :
       {std::tuple{"mps2-an386", "start_marker", "which the cortex-m4 of board 'mps2-an386' cannot run"},
        std::tuple{"riscv-virt", "start_marker", "is a program for Arm"},
        std::tuple{"mps3-an547", "start_market", "did you mean 'start_marker'"},
        std::tuple{"mps3-an547", "0x4", "never came to 0x4"}, std::tuple{"host", "start_marker", "is not emulated"}}) {
    ProfileProgramOptions options = between(board, from, "end_marker");
    options.timeout = std::chrono::seconds(2);
    auto report = profile_program(program.path(), options);
    ASSERT_FALSE(report.ok()) << board;
    EXPECT_NE(report.error().text().find(said), std::string::npos) << report.error().text();
  }
}

// The stack that the trace follows against the stack that the firmware paints and measures itself.
TEST(ProfileModel, StackAndArenaOverTimeAreThoseOfTheFirmware) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  auto graph = load_model(fs::path(MOTE_SOURCE_DIR) / "examples/tiny_conv/tiny_conv.tflite");
  ASSERT_TRUE(graph.ok());
  for (const char* board : {"mps2-an386", "riscv-virt"}) {
    RunModelOptions options;
    options.board = board;
    options.trace_blocks = true;
    auto run = run_model(graph.value(), noise_records(graph.value(), 1, 1), options);
    ASSERT_TRUE(run.ok()) << run.error().text();
    auto report = profile_run(run.value(), {});
    ASSERT_TRUE(report.ok()) << report.error().text();
    // Paint shows only what was written: the lowest bytes of a frame may be there for alignment.
    constexpr std::uint64_t kAlignment = 16;
    const std::uint64_t painted = run.value().report.invoke_stack_bytes.at(0);
    EXPECT_GE(report.value().stack_bytes, painted) << board;
    EXPECT_LT(report.value().stack_bytes, painted + kAlignment) << board;
    std::int64_t top = 0;
    for (const ProfiledBuffer& b : report.value().arena) {
      top = std::max(top, b.offset_bytes + b.size_bytes);
      EXPECT_LE(b.begin_cycles, b.end_cycles);
      EXPECT_LE(b.end_cycles, report.value().total.cycles);
    }
    EXPECT_EQ(top, run.value().model.arena_bytes);
    const std::string html = profile_html(report.value(), {{"energy", "1 uJ", ""}});
    for (const char* text : {"conv_2d", "Arena over time", "Cycles by call", "1 uJ", "stack, bytes"}) {
      EXPECT_NE(html.find(text), std::string::npos) << text;
    }
  }
}

// Keyword spotting of MLPerf Tiny: twelve layers whose sum is the whole, within half a minute.
TEST(ProfileModel, KeywordSpottingIsTheSumOfItsOperators) {
  const fs::path model = fs::path(MOTE_SOURCE_DIR) / "../shared/mlperf_tiny/models/kws_ref_model_int8.tflite";
  if (!fs::exists(model)) GTEST_SKIP() << model << " is not there";
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const auto begin = std::chrono::steady_clock::now();
  auto graph = load_model(model);
  ASSERT_TRUE(graph.ok());
  RunModelOptions options;
  options.board = "mps2-an386";
  options.trace_blocks = true;
  auto run = run_model(graph.value(), noise_records(graph.value(), 1, 1), options);
  ASSERT_TRUE(run.ok()) << run.error().text();
  auto report = profile_run(run.value(), {});
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  ASSERT_EQ(report.value().layers.size(), 12 + 1U);  // the last: between operators
  Cost sum;
  for (const ProfileRow& row : report.value().layers) sum += row.cost;
  EXPECT_EQ(sum.instructions, report.value().total.instructions);
  EXPECT_EQ(sum.cycles, report.value().total.cycles);
  EXPECT_EQ(sum.reads, report.value().total.reads);
  EXPECT_EQ(sum.writes, report.value().total.writes);
  // Its multiplications alone, two at a time, are 1.3 million instructions.
  EXPECT_GT(sum.instructions, 1'300'000U);
}

}  // namespace
}  // namespace mote
