// The store and the data set: contents by hash, splits by group, versions by hash.
#include "host/data/store.h"

#include <gtest/gtest.h>

#include <map>

#include "host/base/file.h"
#include "host/data/dataset.h"

namespace mote::data {
namespace {

Content sound_of(std::vector<std::int16_t> samples) {
  Content c;
  c.rate_hz = 16000;
  c.steps = samples.size();
  c.sound = std::move(samples);
  return c;
}

Record record_of(const std::string& label, const std::string& group) {
  Record r;
  r.label = label, r.group = group, r.origin = "real", r.source = group + ".wav";
  return r;
}

struct StoreTest : testing::Test {
  StoreTest() : folder(TemporaryFolder::create("store").value()) {}
  Project project(std::string_view toml = "") const { return Project::parse(toml, folder.path()).value(); }
  Store store() const { return Store::open(folder.path() / "data", true).value(); }
  Result<Put> put(Store& s, const std::string& label, const std::string& group, std::int16_t value) const {
    Record r = record_of(label, group);
    return s.put(r, sound_of({value, 2, 3}));
  }
  TemporaryFolder folder;
};

// Speakers of the published lists of Speech Commands, and one name computed by the published formula in Python.
TEST(Split, IsTheRuleOfSpeechCommands) {
  EXPECT_EQ(split_of("00176480", 10, 10), Split::train);
  EXPECT_EQ(split_of("03c96658", 10, 10), Split::train);
  EXPECT_EQ(split_of("026290a7", 10, 10), Split::validation);
  EXPECT_EQ(split_of("3aa6f4e2", 10, 10), Split::validation);
  EXPECT_EQ(split_of("00000002", 10, 10), Split::test);
}

TEST_F(StoreTest, SoundAndSeriesAndImagesComeBack) {
  Store s = store();
  Record r = record_of("a", "g");
  ASSERT_EQ(s.put(r, sound_of({1, -2, 32767, -32768})).value(), Put::added);
  EXPECT_EQ(s.load(r).value().sound, (std::vector<std::int16_t>{1, -2, 32767, -32768}));
  Content series;
  series.kind = Kind::series, series.rate_hz = 32, series.steps = 2, series.channels = 3;
  series.series = {1, 2, 3, 4, 5, 6.5F};
  ASSERT_EQ(s.put(r, series).value(), Put::added);
  EXPECT_EQ(s.load(r).value().series, series.series);
  Content image;
  image.kind = Kind::image, image.steps = 1, image.columns = 2, image.channels = 3;
  image.pixels = {1, 2, 3, 4, 5, 255};
  ASSERT_EQ(s.put(r, image).value(), Put::added);
  EXPECT_EQ(s.load(r).value().pixels, image.pixels);
}

TEST_F(StoreTest, DuplicatesAndConflictsAreFound) {
  Store s = store();
  EXPECT_EQ(put(s, "a", "g", 1).value(), Put::added);
  EXPECT_EQ(put(s, "a", "h", 1).value(), Put::duplicate);
  EXPECT_EQ(put(s, "b", "g", 1).value(), Put::conflict);
  EXPECT_EQ(s.records().value().size(), 1U);
}

TEST_F(StoreTest, WhatWasNotCommittedIsGoneAndTheRestIsWhole) {
  {
    Store s = store();
    ASSERT_TRUE(put(s, "a", "g", 1).ok());
    ASSERT_TRUE(s.begin().ok());
    ASSERT_TRUE(put(s, "a", "g", 2).ok());
  }  // closed in the middle of a transaction, as a killed process is
  Store s = store();
  EXPECT_EQ(s.records().value().size(), 1U);
  EXPECT_EQ(s.remove_orphans().value(), 1U);
  EXPECT_EQ(put(s, "a", "g", 2).value(), Put::added);
  EXPECT_TRUE(s.load(s.records().value()[0]).ok());
}

TEST_F(StoreTest, ClassesAreThoseOfTheProject) {
  Store s = store();
  std::int16_t v = 0;
  for (const char* label : {"cat", "bed", "dog", kNoiseLabel}) ASSERT_TRUE(put(s, label, "g", ++v).ok());
  EXPECT_EQ(Dataset::open(project()).value().classes(), (std::vector<std::string>{"bed", "cat", "dog", kNoiseLabel}));
  auto chosen = Dataset::open(project("[data]\nclasses = ['dog', 'bed']"));
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen.value().classes(), (std::vector<std::string>{"dog", "bed", kUnknownLabel, kNoiseLabel}));
  for (const Example& e : chosen.value().examples()) {
    EXPECT_EQ(e.label == 2, e.record.label == "cat");
  }
  auto wrong = Dataset::open(project("[data]\nclasses = ['dig']"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().fix, "did you mean 'dog'?");
}

TEST_F(StoreTest, AGroupIsInOneSplitAndTheHashFollowsContentLabelAndSplit) {
  Store s = store();
  for (std::int16_t i = 0; i < 200; ++i) ASSERT_TRUE(put(s, "a", "speaker" + std::to_string(i % 40), i).ok());
  auto set = Dataset::open(project());
  ASSERT_TRUE(set.ok());
  std::map<std::string, Split> seen;
  std::size_t held_out = 0;
  for (const Example& e : set.value().examples()) {
    EXPECT_EQ(seen.emplace(e.record.group, e.split).first->second, e.split);
    if (e.split != Split::train) ++held_out;
  }
  EXPECT_GT(held_out, 0U);
  EXPECT_EQ(set.value().hash(), Dataset::open(project()).value().hash());
  EXPECT_NE(set.value().hash(), Dataset::open(project("[data]\ntest_percent = 40")).value().hash());
  ASSERT_TRUE(put(s, "a", "speaker1", 1000).ok());
  EXPECT_NE(set.value().hash(), Dataset::open(project()).value().hash());
}

TEST_F(StoreTest, NoDataAndForeignIndexesAreOneClearError) {
  EXPECT_EQ(Dataset::open(project()).error().what, "there is no data yet");
  ASSERT_TRUE(
      write_file(folder.path() / "data" / "index.sqlite", "this is not a database, but it is long enough").ok());
  EXPECT_FALSE(Dataset::open(project()).ok());
}

TEST(FitClip, PadsShortOnesAndTakesTheLoudestPartOfLongOnes) {
  EXPECT_EQ(fit_clip({5, 6}, 6), (std::vector<std::int16_t>{0, 0, 5, 6, 0, 0}));
  EXPECT_EQ(fit_clip({0, 0, 9, 9, 0, 0, 0}, 2), (std::vector<std::int16_t>{9, 9}));
  EXPECT_EQ(fit_clip({0, 0, 9, 0, 0}, 3), (std::vector<std::int16_t>{0, 9, 0}));  // in the middle
}

}  // namespace
}  // namespace mote::data
