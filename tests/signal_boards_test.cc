// Every front end on emulated chips: the host's bits, counted instructions, and what the same costs in float.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/emulate/elf.h"
#include "host/emulate/firmware.h"
#include "host/emulate/run.h"
#include "host/signal/extract.h"
#include "host/signal/source.h"

namespace mote::signal {
namespace {

namespace fs = std::filesystem;

constexpr int kInputSamples = 514;  // the sample before a frame, the frame, and one to fill the word
constexpr int kFloatBands = 40;

struct Unit {
  std::string name;
  FrontEnd front_end;
  std::string call;  // with arena pointers as in firmware_source()
};

std::vector<Unit> units() {
  std::vector<Unit> out;
  const auto add = [&](const std::string& name, const FrontEndConfig& config, const std::string& call) {
    auto f = FrontEnd::create(config);
    EXPECT_TRUE(f.ok()) << f.error().text();
    if (f.ok()) out.push_back({name, std::move(f).value(), call});
  };
  FrontEndConfig config;
  add("mfe", config, "mfe_frame(mfe::kParams, x, scratch, out)");
  config.block = Block::mfcc;
  add("mfcc", config, "mfcc_frame(mfcc::kParams, x, scratch, out)");
  config.block = Block::spectrogram;
  config.pre_emphasis = 0.97;
  add("spectrogram", config, "spectrogram_frame(spectrogram::kParams, x, scratch, out)");
  config.block = Block::pcen;
  config.pre_emphasis = 0;
  add("pcen", config, "pcen_frame(pcen::kParams, x, scratch, reinterpret_cast<std::uint64_t*>(state), out)");
  add("micro", micro_front_end_config(16),
      "micro_front_end_frame(micro::kParams, x, reinterpret_cast<std::int16_t*>(scratch), state, "
      "reinterpret_cast<std::uint16_t*>(out))");
  return out;
}

// The arena: samples at 0, features at 2048, scratch at 4096, state at 8192.
constexpr std::int64_t kOut = 2048;
constexpr std::int64_t kArenaBytes = 8192 + 1024;

// The float tables are made on the host too: a chip would hold them in flash.
std::string float_tables() {
  std::string out = "constexpr float kFloatWindow[] = {";
  for (int n = 0; n < 512; ++n) out += fmt::format("{:.9e}F,", 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / 512));
  out += "};\nconstexpr float kFloatTwiddles[] = {";
  for (int k = 0; k < 384; ++k) {
    const double phase = 2 * std::numbers::pi * k / 512;
    out += fmt::format("{:.9e}F,{:.9e}F,", std::cos(phase), -std::sin(phase));
  }
  return out + "};\n";
}

std::string firmware_source(const std::vector<Unit>& all) {
  std::string out =
      "#include <cstdint>\n#include <cmath>\n#include \"device/signal/mfe.h\"\n"
      "#include \"device/signal/micro_front_end.h\"\n#include \"device/signal/spectrum.h\"\n"
      "#include \"tests/support/float_front_end.h\"\n";
  for (const Unit& unit : all) out += fmt::format("#include \"{}.h\"\n", unit.name);
  out += "using namespace mote::signal;\nextern \"C\" {\n";
  for (const Unit& unit : all) {
    out += fmt::format("void {0}_invoke(std::uint8_t* arena);\nvoid {0}_invoke(std::uint8_t* arena) {{\n", unit.name);
    out +=
        "  const auto* x = reinterpret_cast<const std::int16_t*>(arena) + 1;\n"
        "  auto* out = reinterpret_cast<std::int16_t*>(arena + 2048);\n"
        "  auto* scratch = reinterpret_cast<std::int32_t*>(arena + 4096);\n"
        "  auto* state = reinterpret_cast<std::uint32_t*>(arena + 8192);\n"
        "  for (int i = 0; i < 80; ++i) state[i] = 0;\n";
    out += fmt::format("  {};\n}}\n", unit.call);
  }
  out += float_tables();
  out += fmt::format(
      "constexpr mote::reference::FloatMfe<float> kFloat = {{512, 9, {0}, kFloatWindow, kFloatTwiddles, "
      "mfe::kMelEdges, "
      "nullptr}};\n"
      "float rise[300];\n"
      "void float_mfe_invoke(std::uint8_t* arena);\n"
      "void float_mfe_invoke(std::uint8_t* arena) {{\n"
      "  mote::reference::FloatMfe<float> p = kFloat;\n  p.rise = rise;\n"
      "  float energies[{0}];\n"
      "  mote::reference::float_mel_energies<float>(p, reinterpret_cast<const std::int16_t*>(arena) + 1, "
      "reinterpret_cast<float*>(arena + 4096), energies);\n"
      "  auto* out = reinterpret_cast<float*>(arena + 2048);\n"
      "  for (int b = 0; b < {0}; ++b) out[b] = __builtin_logf(energies[b] < 1.0F ? 1.0F : energies[b]);\n"
      "}}\n"
      "void spectrum_invoke(std::uint8_t* arena);\n"
      "void spectrum_invoke(std::uint8_t* arena) {{\n"
      "  arena[2048] = static_cast<std::uint8_t>(spectrum(mfe::kParams.spectrum, reinterpret_cast<const "
      "std::int16_t*>(arena) + 1, reinterpret_cast<std::int32_t*>(arena + 4096)));\n"
      "}}\n"
      "void prepare_invoke(std::uint8_t* arena);\n"
      "void prepare_invoke(std::uint8_t* arena) {{\n"
      "  arena[2048] = 0;\n"
      "  for (unsigned i = 0; i < sizeof mfe::kMelRise / 2; ++i) rise[i] = static_cast<float>(mfe::kMelRise[i]) / "
      "4096.0F;\n"
      "}}\n",
      kFloatBands);
  return out + "}\n";
}

GeneratedModel model(const std::string& name, std::int64_t out_bytes) {
  GeneratedModel out;
  out.name = name;
  out.arena_bytes = kArenaBytes;
  out.inputs = {{"samples", DType::s16, {kInputSamples}, {}, 0, 2 * kInputSamples}};
  out.outputs = {{"features", DType::s8, {out_bytes}, {}, kOut, out_bytes}};
  return out;
}

std::vector<std::int16_t> frame_at_level(int level, double gain) {
  std::vector<std::int16_t> out(kInputSamples);
  for (int n = 0; n < kInputSamples; ++n) {
    const double t = n / 16000.0;
    const double x = std::sin(2 * std::numbers::pi * (300 + 5000 * t) * t) + 0.3 * std::sin(9000 * t) +
                     0.01 * ((n * 7919 + level * 31) % 200 - 100);
    out[static_cast<std::size_t>(n)] = static_cast<std::int16_t>(std::lround(x / 2.4 * 32767 * gain));
  }
  out[0] = 0;
  return out;
}

// Bytes of functions and constants of the signal library that one front end links.
std::uint64_t code_bytes(const Elf& elf, std::initializer_list<const char*> parts) {
  std::uint64_t out = 0;
  for (const ElfSymbol& symbol : elf.symbols) {
    for (const char* part : parts) {
      if (symbol.name.find(part) != std::string::npos) {
        out += symbol.bytes;
        break;
      }
    }
  }
  return out;
}

struct Chip {
  const char* board;
  const char* optimize;
  std::uint64_t most_instructions;  // of an mfe frame
};

class SignalBoards : public testing::TestWithParam<Chip> {};

// Prints the tables in docs/evidence/signal.md.
TEST_P(SignalBoards, ComputeTheHostsBitsAtTheStatedCost) {
  const std::vector<Unit> all = units();
  auto work = TemporaryFolder::create("mote-signal-board");
  ASSERT_TRUE(work.ok());
  const fs::path folder = work.value().path() / "code";
  fs::create_directories(folder);
  for (const char* room : {"contract", "device", "tests"}) {
    fs::create_directory_symlink(fs::path(MOTE_SOURCE_DIR) / room, folder / room);
  }
  GeneratedCode code;
  for (const Unit& unit : all) {
    ASSERT_TRUE(write_file(folder / (unit.name + ".h"), front_end_source(unit.front_end, unit.name)).ok());
    code.models.push_back(model(unit.name, 2 * unit.front_end.block_channels()));
  }
  code.models.push_back(model("prepare", 1));
  code.models.push_back(model("spectrum", 1));
  code.models.push_back(model("float_mfe", 4 * kFloatBands));
  ASSERT_TRUE(write_file(folder / "units.cc", firmware_source(all)).ok());
  code.sources = {"units.cc"};
  for (const char* file : {"logarithm", "mel", "mfcc", "mfe", "micro_front_end", "pcen", "spectrogram", "spectrum"}) {
    code.sources.push_back(fmt::format("device/signal/{}.cc", file));
  }
  auto board = load_board(GetParam().board);
  ASSERT_TRUE(board.ok()) << board.error().text();
  auto firmware =
      build_firmware(board.value(), code, folder, work.value().path() / "firmware", {GetParam().optimize, false});
  ASSERT_TRUE(firmware.ok()) << firmware.error().text();

  const auto bytes_of = [](const std::vector<std::int16_t>& x) {
    std::vector<std::uint8_t> out(2 * x.size());
    std::memcpy(out.data(), x.data(), out.size());
    return out;
  };
  const double gains[] = {1, 0.03, 0.001};
  std::vector<RunRecord> records = {{all.size(), {bytes_of(frame_at_level(0, 0))}}};
  for (std::size_t m = 0; m < all.size() + 3; ++m) {
    if (m == all.size()) continue;
    for (int level = 0; level < 3; ++level) records.push_back({m, {bytes_of(frame_at_level(level, gains[level]))}});
  }
  auto report = run_firmware(firmware.value(), records);
  ASSERT_TRUE(report.ok()) << report.error().text();
  std::vector<std::uint64_t> most(all.size() + 3);
  for (std::size_t r = 0; r < records.size(); ++r) {
    const std::size_t m = records[r].model;
    most[m] = std::max(most[m], report.value().records[r].instructions);
    if (m >= all.size()) continue;
    // The first sample is the 0 that stands before a stream.
    const FrontEnd& f = all[m].front_end;
    std::vector<std::int16_t> x(kInputSamples);
    std::memcpy(x.data(), records[r].inputs[0].data(), 2 * x.size());
    std::vector<std::int16_t> got(static_cast<std::size_t>(f.block_channels()));
    std::memcpy(got.data(), report.value().records[r].outputs[0].data(), 2 * got.size());
    const Features expected = extract(f, std::span(x).subspan(1, static_cast<std::size_t>(f.frame().frame_elems)));
    EXPECT_EQ(got, expected.values) << all[m].name << " record " << r;
  }
  for (std::size_t m = 0; m < all.size(); ++m) {
    const FrontEnd& f = all[m].front_end;
    fmt::print("{:14} {} {:12} {:8} instructions, stack {} B, state {} B, scratch {} B, tables {} B\n",
               GetParam().board, GetParam().optimize, all[m].name, most[m], report.value().invoke_stack_bytes[m],
               f.state_bytes(), f.scratch_bytes(), f.table_bytes());
  }
  fmt::print("{:14} {} {:12} {:8} instructions, of those of mfe\n", GetParam().board, GetParam().optimize, "spectrum",
             most[all.size() + 1]);
  fmt::print("{:14} {} {:12} {:8} instructions ({:.1f} times mfe)\n", GetParam().board, GetParam().optimize,
             "float mfe", most.back(), static_cast<double>(most.back()) / static_cast<double>(most[0]));
  fmt::print(
      "{:14} {} mfe code {} B\n", GetParam().board, GetParam().optimize,
      code_bytes(firmware.value().elf, {"signal::mfe_frame", "signal::spectrum(", "signal::(anonymous",
                                        "signal::portable", "_pass(", "signal::pass", "signal::split", "four_of_every",
                                        "log2", "Log2", "mel_segment", "signal::add", "log_energy"}));
  EXPECT_LE(most[0], GetParam().most_instructions);
  // Where there is no FPU, float costs at least ten times as much.
  if (std::string_view(GetParam().board) == "mps2-an385-m0") {
    EXPECT_GE(most.back(), 10 * most[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(Signal, SignalBoards,
                         testing::Values(Chip{"mps2-an386", "-Os", 52000}, Chip{"mps2-an385-m0", "-Os", 94000},
                                         Chip{"mps3-an547", "-Os", 35000}, Chip{"riscv-virt", "-Os", 94000}),
                         [](const auto& param) {
                           std::string out = std::string(param.param.board) + param.param.optimize;
                           std::erase(out, '-');
                           return out;
                         });

}  // namespace
}  // namespace mote::signal
