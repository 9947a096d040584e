// mote profile on programs that are none of ours: assembled here, with counts that follow from their text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/profile.h"

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
  explicit Program(const std::string& cpu, std::uint64_t flash) {
    auto folder = TemporaryFolder::create("mote");
    if (!folder.ok()) return;
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    const bool written = write_file(folder_->path() / "p.s", kProgram).ok();
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

TEST(ProfileProgram, FindsAMachineWithMemoryThere) {
  if (!find_program("qemu-system-arm", "").ok() || !find_program("arm-none-eabi-gcc", "").ok())
    GTEST_SKIP() << "no QEMU or compiler";
  const Program program("cortex-m4", 0x08000000);
  ASSERT_TRUE(program.good());
  auto report = profile_program(program.path(), between("mps2-an386", "start_marker", "end_marker"));
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report.value().total.instructions, kInstructions);
  EXPECT_NE(report.value().title.find("netduinoplus2"), std::string::npos);
  const Program nowhere("cortex-m4", 0x90000000);
  ASSERT_TRUE(nowhere.good());
  auto refused = profile_program(nowhere.path(), between("mps2-an386", "start_marker", "end_marker"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().text().find("has memory at 0x90000000"), std::string::npos) << refused.error().text();
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

}  // namespace
}  // namespace mote
