// Boards as data: every file is whole, a damaged one is refused, and figures follow from it by hand.
#include "host/cycles/hardware.h"

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/resources.h"

namespace mote {
namespace {

TEST(Hardware, EveryBoardIsWholeAndNamesItsSources) {
  ASSERT_GE(hardware_names().size(), 12U);
  for (const std::string& name : hardware_names()) {
    auto board = load_hardware(name);
    ASSERT_TRUE(board.ok()) << board.error().text();
    EXPECT_FALSE(board.value().rests_on.empty()) << name;
    EXPECT_GT(board.value().energy_band_percent, 0) << name;
    // What nobody checked claims more than what somebody measured.
    if (board.value().rests_on.find("not checked") != std::string::npos) {
      EXPECT_GE(board.value().energy_band_percent, 60) << name;
    }
  }
}

TEST(Hardware, AFileWithoutOneOfItsLinesIsRefused) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const std::filesystem::path file = work.value().path() / "board.toml";
  const auto text = find_resource("ports/hardware/nucleo-l4r5zi.toml");
  ASSERT_TRUE(text);
  ASSERT_TRUE(write_file(file, *text).ok());
  ASSERT_TRUE(load_hardware(file.string()).ok());
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = text->find('\n', begin) + 1;
    std::string without(*text);
    without.erase(begin, end - begin);
    if (end - begin > 1) {
      ASSERT_TRUE(write_file(file, without).ok());
      auto board = load_hardware(file.string());
      ASSERT_FALSE(board.ok()) << without;
      EXPECT_NE(board.error().text().find("is missing"), std::string::npos) << board.error().text();
      ++lines;
    }
    begin = end;
  }
  EXPECT_EQ(lines, 13U);
}

// 1e6 cycles at 10 MHz are 0.1 s; at 2 V and 10 mA that is 2 mJ. A capacitor that falls from 3 V to 2 V gives
// C (9 - 4) / 2 J, so 800 uF. Once a second, asleep at 10 uA: 2 mJ and 0.9 s of 20 uW, 2.018 mW.
TEST(Hardware, EnergyFollowsFromCyclesByHand) {
  Hardware board;
  board.clock_hz = 10e6;
  board.volts = 2;
  board.active_ua_per_mhz = 1000;
  board.sleep_ua = 10;
  const Energy energy = energy_of(board, 1e6, {1.0, 2.018 * 24});
  EXPECT_DOUBLE_EQ(energy.seconds, 0.1);
  EXPECT_DOUBLE_EQ(energy.inference_uj, 2000);
  EXPECT_DOUBLE_EQ(energy.capacitor_uf, 800);
  EXPECT_DOUBLE_EQ(energy.average_uw, 2018);
  EXPECT_NEAR(energy.battery_days, 1, 1e-12);
}

}  // namespace
}  // namespace mote
