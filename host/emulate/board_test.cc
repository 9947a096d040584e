// Board and core descriptions: what is known, and what is refused.
#include "host/emulate/board.h"

#include <gtest/gtest.h>

#include "host/base/file.h"

namespace mote {
namespace {

constexpr std::string_view kGood =
    "description = \"mine\"\ncore = \"cortex-m4\"\nstack_bytes = 2048\n"
    "[memory]\nflash = { origin = 0x08000000, bytes = 0x100000 }\nram = { origin = 0x20000000, bytes = 0x20000 }\n"
    "[emulator]\nprogram = \"qemu-system-arm\"\npackage = \"qemu-system-arm\"\narguments = []\n";

// Loads a board folder with this board.toml; the error's text when it is refused.
std::string refusal(std::string_view text) {
  auto folder = TemporaryFolder::create("mote-board");
  EXPECT_TRUE(folder.ok());
  EXPECT_TRUE(write_file(folder.value().path() / "board.toml", text).ok());
  auto board = load_board(folder.value().path().string());
  return board.ok() ? "accepted" : board.error().text();
}

std::string with(std::string_view what, std::string_view by) {
  std::string out(kGood);
  const std::size_t at = out.find(what);
  EXPECT_NE(at, std::string::npos);
  return out.replace(at, what.size(), by);
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(Board, EveryKnownOneLoads) {
  EXPECT_EQ(board_names().size(), 8U);
  for (const std::string& name : board_names()) {
    auto board = load_board(name);
    ASSERT_TRUE(board.ok()) << board.error().text();
    EXPECT_EQ(board.value().name, name);
    EXPECT_FALSE(board.value().description.empty());
  }
  const Board board = load_board("mps3-an547").value();
  EXPECT_EQ(board.core.name, "cortex-m55");
  EXPECT_EQ(board.core.isas.names.front(), "mve");
  EXPECT_EQ(board.flash->bytes, 0x80000U);
}

TEST(Core, EveryKnownOneLoadsAndHasPortable) {
  EXPECT_EQ(core_names(), (std::vector<std::string>{"cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m33",
                                                    "cortex-m4", "cortex-m55", "cortex-m7", "host", "rv32imc"}));
  for (const std::string& name : core_names()) {
    auto core = load_core(name);
    ASSERT_TRUE(core.ok()) << core.error().text();
    EXPECT_EQ(core.value().isas.names.back(), "portable");
  }
}

TEST(Board, UnknownNamesListTheKnownAndTheNearest) {
  auto board = load_board("mps-an386");
  ASSERT_FALSE(board.ok());
  EXPECT_EQ(board.error().what, "unknown board 'mps-an386'");
  expect_contains(board.error().fix, "did you mean 'mps2-an386'?");
  expect_contains(board.error().fix, "riscv-virt");
  auto core = load_core("cortex-m5");
  ASSERT_FALSE(core.ok());
  expect_contains(core.error().fix, "did you mean 'cortex-m");
  EXPECT_FALSE(load_core("family").ok());
  EXPECT_FALSE(load_board("").ok());
  EXPECT_FALSE(load_board("../mps2-an386").ok());
  expect_contains(load_board("no/such/folder").error().text(), "no such board folder");
}

TEST(Board, AFolderOfTheUserIsABoard) {
  auto folder = TemporaryFolder::create("mote-board");
  ASSERT_TRUE(folder.ok());
  const auto path = folder.value().path() / "my-board";
  ASSERT_TRUE(write_file(path / "board.toml", kGood).ok());
  for (const std::string& name : {path.string(), path.string() + "/"}) {
    auto board = load_board(name);
    ASSERT_TRUE(board.ok()) << board.error().text();
    EXPECT_EQ(board.value().name, "my-board");
    EXPECT_EQ(board.value().flash->origin, 0x08000000U);
    EXPECT_EQ(board.value().stack_bytes, 2048U);
  }
}

TEST(Board, BadDescriptionsAreExplained) {
  EXPECT_EQ(refusal(kGood), "accepted");
  expect_contains(refusal("core = "), "board.toml:1");
  expect_contains(refusal(with("stack_bytes", "stack_byte")), "'stack_bytes' must be a number");
  expect_contains(refusal(with("[emulator]", "[emulatr]")), "'emulatr' is not a key here; did you mean 'emulator'?");
  expect_contains(refusal(with("cortex-m4", "cortex-m99")), "unknown core 'cortex-m99'");
  expect_contains(refusal(with("2048", "0x40000")), "'stack_bytes' is 0x40000");
  expect_contains(refusal(with("0x100000", "0x18000010")), "flash and ram overlap");
  expect_contains(refusal(with("0x100000", "-1")), "'bytes' is");
  expect_contains(refusal(with("0x20000000", "0xFFFF0000")), "beyond 4 GB");
  expect_contains(refusal(with("0x08000000", "0x08000002")), "multiple of 16");
  expect_contains(refusal(with("0x08000000", "\"low\"")), "[memory]: [flash]: 'origin' must be a number");
  expect_contains(refusal(with("arguments = []", "arguments = [1]")), "'arguments' must be a list of strings");
  expect_contains(refusal("description = \"x\"\ncore = \"cortex-m4\"\n"),
                  "core 'cortex-m4' needs [memory] and [emulator]");
  expect_contains(refusal(with("cortex-m4", "host")), "core 'host' needs neither");
}

}  // namespace
}  // namespace mote
