#include "host/report/pareto.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

// Fast and large, slow and small, in between, and one that the second beats.
std::vector<ParetoPoint> points() {
  return {{"fast", 100, 4000, 900, 150},
          {"small", 900, 1000, 300, 990},
          {"middle", 300, 2000, 500, 450},
          {"bad", 900, 1000, 400, 990}};
}

TEST(Pareto, OnlyWhatAnotherBeatsIsDominated) {
  auto p = points();
  p.push_back(p[0]);  // equal points do not beat each other
  mark_dominated(p);
  EXPECT_FALSE(p[0].dominated);
  EXPECT_FALSE(p[1].dominated);
  EXPECT_FALSE(p[2].dominated);
  EXPECT_TRUE(p[3].dominated);
  EXPECT_FALSE(p[4].dominated);
}

TEST(Pareto, TheGoalDecidesWithinTheBudget) {
  const auto p = points();
  EXPECT_EQ(choose(p, Goal::latency, {}).value(), 0U);
  EXPECT_EQ(choose(p, Goal::ram, {}).value(), 1U);
  EXPECT_EQ(choose(p, Goal::flash, {}).value(), 1U);
  // Products: 360e6, 270e6, 300e6, 360e6.
  EXPECT_EQ(choose(p, Goal::balanced, {}).value(), 1U);
  EXPECT_EQ(choose(p, Goal::latency, {.instructions = {}, .ram_bytes = 3999, .flash_bytes = {}, .cycles = {}}).value(),
            2U);
  EXPECT_EQ(choose(p, Goal::latency, {.instructions = {}, .ram_bytes = 4000, .flash_bytes = 900, .cycles = {}}).value(),
            0U);
  EXPECT_EQ(choose(p, Goal::ram, {.instructions = 899, .ram_bytes = {}, .flash_bytes = {}, .cycles = {}}).value(), 2U);
}

TEST(Pareto, SaysWhichLimitBindsAndByHowMuch) {
  const auto p = points();
  const auto alone =
      choose(p, Goal::balanced, {.instructions = 5000, .ram_bytes = 900, .flash_bytes = {}, .cycles = {}});
  ASSERT_FALSE(alone.ok());
  EXPECT_EQ(alone.error().what,
            "no way to compile it fits: --max-ram 900: the least found is 1,000 bytes of RAM, 100 too many, with "
            "'small'");
  const auto together =
      choose(p, Goal::balanced, {.instructions = 290, .ram_bytes = 1900, .flash_bytes = {}, .cycles = {}});
  ASSERT_FALSE(together.ok());
  EXPECT_EQ(together.error().what,
            "no way to compile it fits: each limit can be kept, but not all at once; 'middle' comes nearest, 10 "
            "instructions over --max-instructions, 100 bytes of RAM over --max-ram");
}

TEST(Pareto, CyclesAreALimitOfTheirOwn) {
  const auto p = points();
  EXPECT_EQ(choose(p, Goal::flash, {.instructions = {}, .ram_bytes = {}, .flash_bytes = {}, .cycles = 989}).value(),
            2U);
  const auto none = choose(p, Goal::latency, {.instructions = {}, .ram_bytes = {}, .flash_bytes = {}, .cycles = 149});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().what,
            "no way to compile it fits: --max-cycles 149: the least found is 150 cycles, 1 too many, with 'fast'");
  const auto both = choose(p, Goal::latency, {.instructions = {}, .ram_bytes = 2000, .flash_bytes = {}, .cycles = 440});
  ASSERT_FALSE(both.ok());
  EXPECT_EQ(both.error().what,
            "no way to compile it fits: each limit can be kept, but not all at once; 'middle' comes nearest, 10 cycles "
            "over --max-cycles");
}

TEST(Pareto, TableAndPictureShowEveryPoint) {
  auto p = points();
  mark_dominated(p);
  const std::string table = pareto_table(p, 2);
  EXPECT_NE(table.find("*  middle"), std::string::npos) << table;
  EXPECT_EQ(table.find("*  fast"), std::string::npos);
  const std::string svg = pareto_svg("a & b", p, 2);
  EXPECT_NE(svg.find("a &amp; b"), std::string::npos);
  for (const char* name : {"fast: 100 instructions, 4,000 bytes of RAM, 900 of flash", "small:", "bad:"})
    EXPECT_NE(svg.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace mote
