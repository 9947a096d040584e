// Snippets of assembly whose cycles the core manuals state, through decoder and pipeline.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/cycles/pipeline.h"
#include "host/cycles/trace.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// The bytes of an assembled text.
Result<std::vector<std::uint8_t>> assemble(const std::string& cpu, const std::string& text) {
  MOTE_LET(work, TemporaryFolder::create("mote"));
  const bool is_riscv = cpu.starts_with("rv32");
  const std::string prefix = is_riscv ? "riscv64-unknown-elf-" : "arm-none-eabi-";
  const std::string head = is_riscv ? "" : ".syntax unified\n.thumb\n";
  MOTE_TRY(write_file(work.path() / "a.s", head + text + "\n"));
  std::vector<std::string> command = {prefix + "as", is_riscv ? "-march=" + cpu : "-mcpu=" + cpu};
  if (is_riscv) command.insert(command.end(), {"-mabi=ilp32"});
  if (cpu == "cortex-m4") command.emplace_back("-mfpu=fpv4-sp-d16");
  if (cpu == "cortex-m33") command.emplace_back("-mfpu=fpv5-sp-d16");
  command.insert(command.end(), {"a.s", "-o", "a.o"});
  constexpr std::chrono::minutes kLimit{1};
  MOTE_LET(made, run_process({command, work.path(), kLimit, ""}));
  if (!made.succeeded()) return Error{made.err, "a.s", ""};
  MOTE_LET(copied,
           run_process({{prefix + "objcopy", "-O", "binary", "-j", ".text", "a.o", "a.bin"}, work.path(), kLimit, ""}));
  if (!copied.succeeded()) return Error{copied.err, "a.o", ""};
  return read_file(work.path() / "a.bin");
}

std::vector<Instruction> decode(const std::vector<std::uint8_t>& code, bool is_riscv) {
  std::vector<Instruction> out;
  for (std::size_t at = 0; at + 1 < code.size(); at += out.back().bytes) {
    const std::span<const std::uint8_t> rest = std::span(code).subspan(at);
    out.push_back(is_riscv ? decode_riscv(rest) : decode_thumb(rest));
  }
  return out;
}

struct Snippet {
  const char* text;
  double cycles;
};

// Between two single-cycle instructions that need nothing. A snippet that ends in '@' has its last branch taken.
void expect_cycles(const std::string& cpu, const std::vector<Snippet>& snippets, const std::string& core = "") {
  if (!find_program("arm-none-eabi-as", "").ok() || !find_program("riscv64-unknown-elf-as", "").ok()) {
    GTEST_SKIP() << "no cross assembler";
  }
  const bool is_riscv = cpu.starts_with("rv32");
  auto table = load_timing(!core.empty() ? core : is_riscv ? "ibex" : cpu);
  ASSERT_TRUE(table.ok()) << table.error().text();
  const std::string plain = is_riscv ? "addi x31, x31, 1\n" : "mov r8, r9\n";
  for (const Snippet& s : snippets) {
    std::string text = s.text;
    const bool taken = text.ends_with('@');
    if (taken) text.pop_back();
    auto code = assemble(cpu, plain + text + "\n" + plain);
    ASSERT_TRUE(code.ok()) << s.text << code.error().text();
    Pipeline pipeline(table.value());
    const std::vector<Instruction> all = decode(code.value(), is_riscv);
    double total = 0;
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_NE(all[i].timing, TimingClass::unknown) << s.text;
      const auto [own, before] =
          pipeline.step(all[i], taken && i + 1 == all.size() ? 0 : address, taken && i + 1 == all.size());
      total += own + before;
      address += all[i].bytes;
    }
    EXPECT_EQ(total - 2, s.cycles) << cpu << ": " << s.text;
  }
}

// Cortex-M4 TRM, table 3-1, 3.3.1, 3.3.2; table 7-1 for floating point.
TEST(Cycles, CortexM4) {
  expect_cycles("cortex-m4", {{"adds r0, r1, r2", 1},
                              {"mul r0, r1, r2", 1},
                              {"smlad r0, r1, r2, r3", 1},
                              {"smlal r0, r1, r2, r3", 1},
                              {"ldr r0, [r1]", 2},
                              {"ldr r0, [r1]\nldr r1, [r2]", 3},
                              {"ldr r0, [r1, r5]\nldr r1, [r2]\nldr r2, [r3, #4]", 4},
                              {"ldr r0, [r1]\nldr r2, [r0]", 4},
                              {"str r0, [r1, #4]", 1},
                              {"ldr r0, [r1, r2]\nstr r1, [r3, r2]", 3},
                              {"str r0, [r1, r2]", 2},
                              {"ldrd r0, r1, [r2]", 3},
                              {"strd r0, r1, [r2]", 3},
                              {"ldmia r0, {r1, r2, r3, r4}", 5},
                              {"stmia r0!, {r1-r7}", 8},
                              {"push {r4-r7, lr}", 6},
                              {"pop {r4-r7}", 5},
                              {"add r0, r1\nldr r2, [r0]", 4},
                              {"beq .+4", 1},
                              {"b .+4@", 2},
                              {"bl .+4@", 2},
                              {"bx lr@", 3},
                              {"ldr pc, [r0]@", 5},
                              {"pop {r4, pc}@", 6},
                              {"tbb [pc, r0]@", 6},
                              {"it eq\nmoveq r0, r1", 1},
                              {"vadd.f32 s0, s1, s2", 1},
                              {"vmul.f32 s0, s1, s2\nvadd.f32 s3, s0, s4", 3},
                              {"vmla.f32 s0, s1, s2", 3},
                              {"vdiv.f32 s0, s1, s2", 14},
                              {"vsqrt.f32 s0, s1", 14},
                              {"vldr s0, [r0]", 2},
                              {"vldr d0, [r0]", 3},
                              {"vldmia r0, {s0-s3}", 5},
                              {"vmov s0, r1", 1},
                              {"vmov s0, s1, r0, r1", 2},
                              // Long multiplications: all of one cycle, chained or not.
                              {"umull r0, r1, r2, r3", 1},
                              {"umlal r0, r1, r2, r3\numlal r0, r1, r4, r5", 2},
                              {"umaal r0, r1, r2, r3", 1},
                              {"smlalbb r0, r1, r2, r3", 1},
                              {"mla r0, r1, r2, r3\nmls r4, r1, r2, r0", 2},
                              // Literals pipeline as other loads do.
                              {"ldr r0, [pc, #8]\nldr r1, [pc, #8]", 3},
                              {"ldr r0, [pc, #8]\nstr r0, [r1]", 2},
                              {"ldrb r0, [r1]\nldrsh r2, [r1, #2]\nadd r3, r4", 4},
                              {"ldr r0, [r1]\nnop", 2},
                              {"ldr r0, [r1], #4\nldr r2, [r1], #4", 4},
                              {"ldr r0, [r1], #4\nldr r2, [r3], #4", 3},
                              {"str r0, [r1]\nldr r2, [r3]", 4},
                              {"str r0, [r1]\nstr r2, [r3]", 2},
                              {"str r0, [r1]\nldmia r3, {r4, r5}", 5},
                              {"ldr r0, [r1]\nldmia r3, {r4, r5}", 5},
                              {"ldmia r0, {r1}", 2},
                              {"ldmia r0!, {r1-r8, r10, r11}", 11},
                              {"stmdb sp!, {r4-r11, lr}", 10},
                              {"vldmia r0!, {s0-s15}", 17},
                              {"vpush {s16-s31}", 17},
                              {"vstr s0, [r0]", 1},
                              {"vfma.f32 s0, s1, s2\nvadd.f32 s3, s0, s4", 5},
                              {"vdiv.f32 s0, s1, s2\nvmul.f32 s3, s0, s4", 16},
                              {"cbz r0, .+8", 1},
                              {"cbnz r0, .+8@", 2},
                              {"blx r3@", 3},
                              {"mov pc, lr@", 3},
                              {"tbh [pc, r0, lsl #1]@", 6},
                              {"adds r0, #1\nite eq\nmoveq r0, r1\nmovne.w r0, r2", 3},
                              {"adds.w r0, r0, r1\nit eq\nmoveq r0, r1", 3}});
  auto table = load_timing("cortex-m4");
  ASSERT_TRUE(table.ok());
  const double division = table.value().of(decode_thumb(std::vector<std::uint8_t>{0x91, 0xFB, 0xF2, 0xF0})).cycles;
  EXPECT_GE(division, 2);  // the range that the manual states
  EXPECT_LE(division, 12);
}

TEST(Cycles, CortexM3) {
  expect_cycles("cortex-m3", {{"mul r0, r1, r2", 1},
                              {"mla r0, r1, r2, r3", 2},
                              {"mls r0, r1, r2, r3", 2},
                              {"ldr r0, [r1]\nldr r1, [r2]", 3},
                              {"ldmia r0, {r1, r2, r3}", 4},
                              {"umull r0, r1, r2, r3", 5},  // 3 to 5, by the operands
                              {"umlal r0, r1, r2, r3", 7},  // 4 to 7
                              {"smlal r0, r1, r2, r3", 7},
                              {"ldr r0, [r1], #4\nldr r2, [r3]", 3},
                              {"ldr r0, [r1]\nldr r2, [r3], #4", 4},
                              {"ldr r0, [r1]\nstr r2, [r3], #4", 3},
                              {"push {r4-r7, lr}", 6},
                              {"tbb [pc, r0]@", 6},
                              {"cmp r0, #1", 1},
                              {"bne .+4@", 2}});
}

// Cortex-M0 TRM, table 3-1.
TEST(Cycles, CortexM0) {
  expect_cycles("cortex-m0", {{"muls r0, r1, r0", 1},
                              {"ldr r0, [r1]", 2},
                              {"str r0, [r1]", 2},
                              {"ldmia r0!, {r1, r2, r3}", 4},
                              {"push {r4, r5, lr}", 4},
                              {"pop {r4, r5, pc}@", 7},
                              {"ldrh r0, [r1, r2]", 2},
                              {"ldmia r0!, {r1-r7}", 8},
                              {"stmia r0!, {r1}", 2},
                              {"add r0, pc, #4", 1},
                              {"mrs r0, primask", 4},
                              {"dmb", 4},
                              {"b .+4@", 3},
                              {"mov pc, lr@", 3},
                              {"blx r3@", 3},
                              {"beq .+4", 1},
                              {"beq .+4@", 3},
                              {"bl .+4@", 4},
                              {"bx lr@", 3}});
}

TEST(Cycles, CortexM0Plus) {
  expect_cycles("cortex-m0plus", {{"muls r0, r1, r0", 1},
                                  {"ldr r0, [r1]", 2},
                                  {"strb r0, [r1, r2]", 2},
                                  {"ldmia r0!, {r1-r4}", 5},
                                  {"push {r4-r7, lr}", 6},
                                  {"mrs r0, primask", 3},
                                  {"mov pc, lr@", 2},
                                  {"beq .+4", 1},
                                  {"beq .+4@", 2},
                                  {"bl .+4@", 3},
                                  {"blx r3@", 2},
                                  {"bx lr@", 2},
                                  {"pop {r4, pc}@", 5}});
}

// Ibex documentation, Pipeline Details.
TEST(Cycles, Ibex) {
  expect_cycles("rv32imc", {{"add a0, a1, a2", 1},
                            {"mul a0, a1, a2", 3},
                            {"mulh a0, a1, a2", 4},
                            {"div a0, a1, a2", 37},
                            {"lw a0, 0(a1)", 2},
                            {"sw a0, 0(a1)", 2},
                            {"beq a0, a1, .+8", 1},
                            {"beq a0, a1, .+8@", 3},
                            {"c.j .+4@", 2}});
}

// Hazard3 documentation, Instruction Cycle Counts; its predictor needs a loop, see ProfileProgram.
TEST(Cycles, Hazard3) {
  expect_cycles("rv32imc",
                {{"add a0, a1, a2", 1},
                 {"mul a0, a1, a2\nadd a3, a0, a4", 2},
                 {"mulhu a0, a1, a2", 1},
                 {"divu a0, a1, a2", 18},
                 {"lw a0, 0(a1)\nadd a2, a3, a4", 2},
                 {"lw a0, 0(a1)\nadd a2, a0, a4", 3},
                 {"lw a0, 0(a1)\nsw a0, 0(a2)", 2},
                 {"lw a0, 0(a1)\nlw a2, 0(a0)", 3},
                 {"beq a0, a1, .+8", 1},
                 {"c.j .+4@", 2},
                 {"jalr a0@", 2}},
                "hazard3");
}

// Result latencies of the findings that ports/timing/cortex-m33.toml names.
TEST(Cycles, CortexM33) {
  expect_cycles("cortex-m33", {{"add.w r0, r1, r2", 1},
                               {"add.w r0, r1, r2, ror #24\nadd.w r3, r0, r4", 3},
                               {"smlad r0, r1, r2, r0\nsmlad r0, r3, r4, r0", 2},
                               {"muls r0, r1, r0", 2},
                               {"mul r0, r1, r2", 1},
                               {"ldr.w r0, [r1]\nadd.w r2, r0, r3", 3},
                               {"ldr.w r0, [r1]\nstr.w r0, [r2]", 2},
                               {"ldrd r0, r1, [r2]", 2},
                               {"ldmia r0, {r1-r5}", 5},
                               {"stmia r0!, {r1-r3}", 3},
                               {"adds r3, r4\nbeq .+4", 1},  // a branch of 16 bits runs along
                               {"vfma.f32 s0, s1, s2\nvfma.f32 s3, s4, s5", 4}});
}

// The published findings that ports/timing/cortex-m7.toml and -m33.toml name.
TEST(Cycles, CortexM7PairsWhatItMay) {
  expect_cycles("cortex-m7", {{"add r0, r1\nadd r2, r3\nadd r4, r5", 1},  // with the neighbours: two pairs and a half
                              {"smlad r0, r1, r2, r0\nsmlad r3, r1, r2, r3\nsmlad r4, r1, r2, r4", 1}});
}

// Encodings as the GNU assembler 2.40 makes them.
TEST(Cycles, HeliumInstructionsHaveTheirClasses) {
  const auto timing = [](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return decode_thumb(std::vector<std::uint8_t>{b, a, d, c}).timing;
  };
  EXPECT_EQ(timing(0xEE, 0xF0, 0x0F, 0x22), TimingClass::vec_reduce);     // vmladava.s8 r0, q0, q1
  EXPECT_EQ(timing(0xEE, 0x82, 0x0E, 0x24), TimingClass::vec_reduce);     // vmlaldava.s16 r0, r1, q1, q2
  EXPECT_EQ(timing(0xEE, 0xF9, 0x0F, 0x22), TimingClass::vec_int);        // vaddva.s32 r0, q1
  EXPECT_EQ(timing(0xFF, 0x22, 0x0B, 0x44), TimingClass::vec_mul);        // vqrdmulh.s32 q0, q1, q2
  EXPECT_EQ(timing(0xEF, 0x22, 0x09, 0x54), TimingClass::vec_mul);        // vmul.i32 q0, q1, q2
  EXPECT_EQ(timing(0xEE, 0x23, 0x0F, 0x42), TimingClass::vec_int);        // vadd.i32 q0, q1, r2
  EXPECT_EQ(timing(0xFE, 0x71, 0x0F, 0x4D), TimingClass::vec_predicate);  // vpst
}

TEST(Cycles, EveryTableIsReadableAndNamesItsSources) {
  for (const std::string& name : timing_names()) {
    auto table = load_timing(name);
    ASSERT_TRUE(table.ok()) << table.error().text();
    EXPECT_FALSE(table.value().rests_on.empty());
    EXPECT_GT(table.value().sources.size(), 3U);
  }
  EXPECT_FALSE(load_timing("cortex-m9").ok());
}

TEST(Cycles, ATableWithAMissingOrWrongFieldIsRefused) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path file = work.value().path() / "t.toml";
  const std::string head = "description = \"x\"\narchitecture = \"thumb\"\nrests_on = \"y\"\n[rules]\n";
  for (const std::string& bad :
       {head + "[classes]\nalu = { cycles = 1 }\n", head + "[classes]\nfoo = { cycles = 1, source = \"z\" }\n",
        head + "[classes]\nalu = { cycles = -1, source = \"z\" }\n", std::string("[classes]\n"),
        std::string("x = [")}) {
    ASSERT_TRUE(write_file(file, bad).ok());
    EXPECT_FALSE(load_timing(file.string()).ok()) << bad;
  }
  ASSERT_TRUE(write_file(file, head + "[classes]\nalu = { cycles = 2, source = \"z\" }\n").ok());
  EXPECT_TRUE(load_timing(file.string()).ok());
}

TEST(Trace, CutInTheMiddleIsAnError) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path file = work.value().path() / "trace.txt";
  const std::string whole =
      "b 1 2\ni 100 00bf 0 0 0 0 0\ni 102 00bf 0 0 0 0 0\ne 1 1 0 0 2 5 0 0 0\nn 1 0 0 ff\nw a 1 0\np 4 2\nh 5\nend\n";
  ASSERT_TRUE(write_file(file, whole).ok());
  auto trace = read_trace(file);
  ASSERT_TRUE(trace.ok()) << trace.error().text();
  EXPECT_EQ(trace.value().edges.at(0).count, 5U);
  for (std::size_t n = 0; n + 1 < whole.size(); ++n) {
    ASSERT_TRUE(write_file(file, whole.substr(0, n)).ok());
    EXPECT_FALSE(read_trace(file).ok()) << n;
  }
  ASSERT_TRUE(write_file(file, "e 0 1 0 0 2 5 0 0 0\nend\n").ok());
  EXPECT_FALSE(read_trace(file).ok());
}

}  // namespace
}  // namespace mote
