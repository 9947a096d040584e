// Import: layouts, repairs that are counted, broken files that are named; and what a leak looks like.
#include "host/data/import.h"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/data/check.h"
#include "host/data/read.h"

namespace mote::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct ImportTest : testing::Test {
  ImportTest() : folder(TemporaryFolder::create("import").value()) {}
  fs::path at(const std::string& name) const { return folder.path() / "in" / name; }

  // A sine of `hz` as a file whose format follows its name.
  void sound(const std::string& name, int rate = 16000, int channels = 1, double seconds = 0.5, double hz = 440) const {
    fs::create_directories(at(name).parent_path());
    SF_INFO info{};
    info.samplerate = rate, info.channels = channels;
    info.format = name.ends_with(".flac")  ? SF_FORMAT_FLAC | SF_FORMAT_PCM_16
                  : name.ends_with(".ogg") ? SF_FORMAT_OGG | SF_FORMAT_VORBIS
                                           : SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* file = sf_open(at(name).c_str(), SFM_WRITE, &info);
    ASSERT_NE(file, nullptr);
    std::vector<float> samples;
    for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
      for (int c = 0; c < channels; ++c)
        samples.push_back(0.5F * static_cast<float>(std::sin(2 * M_PI * hz * i / rate)));
    }
    sf_writef_float(file, samples.data(), static_cast<sf_count_t>(samples.size()) / channels);
    sf_close(file);
  }
  void text(const std::string& name, const std::string& content) const {
    ASSERT_TRUE(write_file(at(name), content).ok());
  }

  Project project(std::string_view toml = "") const { return Project::parse(toml, folder.path()).value(); }
  ImportReport import(const Project& p, ImportOptions options = {}) const {
    if (options.from.empty()) options.from = folder.path() / "in";
    auto report = import_data(p, options);
    EXPECT_TRUE(report.ok()) << report.error().text();
    return report.ok() ? report.value() : ImportReport{};
  }
  std::string error(const Project& p, ImportOptions options) const {
    auto report = import_data(p, options);
    EXPECT_FALSE(report.ok());
    return report.ok() ? "" : report.error().text();
  }
  std::map<std::string, Example> examples(const Project& p) const {
    std::map<std::string, Example> out;
    auto set = Dataset::open(p);
    EXPECT_TRUE(set.ok());
    for (const Example& e : set.value().examples()) out[e.record.source] = e;
    return out;
  }
  TemporaryFolder folder;
};

TEST_F(ImportTest, FoldersAreLabelsAndRepairsAreCounted) {
  sound("yes/a.wav");
  sound("yes/stereo.flac", 16000, 2, 0.5, 300);
  sound("no/b.ogg", 44100, 1, 0.5, 500);
  sound("no/c.wav", 8000, 1, 0.5, 600);
  sound("_background_noise_/n.wav", 16000, 1, 2, 100);
  sound("no/tiny.wav", 16000, 1, 0.01);
  text("no/readme.md", "not sound");
  const ImportReport r = import(project());
  EXPECT_EQ(r.added, 5U);
  EXPECT_EQ(r.mixed, 1U);
  EXPECT_EQ(r.resampled, 2U);
  EXPECT_EQ(r.narrow, 1U);
  EXPECT_EQ(r.ignored, 1U);
  ASSERT_EQ(r.too_short.size(), 1U);
  EXPECT_EQ(r.too_short[0].file, "in/no/tiny.wav");
  EXPECT_EQ(r.labels.at("yes"), 2U);
  EXPECT_EQ(r.labels.at(kNoiseLabel), 1U);
  const auto all = examples(project());
  EXPECT_EQ(all.at("in/no/b.ogg").record.shape.steps, 8000U);
  EXPECT_EQ(all.at("in/no/c.wav").record.shape.rate_hz, 16000);
  // Again: all there already, and the version of the data is the same.
  const std::string hash = Dataset::open(project()).value().hash();
  EXPECT_EQ(import(project()).added, 0U);
  EXPECT_EQ(Dataset::open(project()).value().hash(), hash);
}

TEST_F(ImportTest, ResampledSoundKeepsItsToneAndItsLevel) {
  sound("a/tone.wav", 48000, 1, 1, 1000);
  import(project());
  const Project p = project();
  auto set = Dataset::open(p);
  const auto content = set.value().load(set.value().examples()[0]);
  ASSERT_TRUE(content.ok());
  // The sine's own samples at 16 kHz; soxr's high quality is good to 16 bits and more in the pass band.
  double worst = 0;
  for (std::size_t i = 1000; i < 15000; ++i) {
    const double expected = 0.5 * 32768 * std::sin(2 * M_PI * 1000 * static_cast<double>(i) / 16000);
    worst = std::max(worst, std::abs(expected - content.value().sound[i]));
  }
  EXPECT_LT(worst, 2.5);
}

TEST_F(ImportTest, BrokenFilesAreNamedOneByOneAndTheOthersAreIn) {
  sound("a/good.wav");
  sound("a/cut.flac", 16000, 1, 2, 200);
  fs::resize_file(at("a/cut.flac"), fs::file_size(at("a/cut.flac")) / 2);
  text("a/text.wav", "hello");
  text("a/empty.flac", "");
  const ImportReport r = import(project());
  EXPECT_EQ(r.added, 1U);
  ASSERT_EQ(r.broken.size(), 3U);
  EXPECT_EQ(r.broken[0].file, "in/a/cut.flac");
  EXPECT_EQ(r.broken[1].file, "in/a/empty.flac");
  EXPECT_EQ(r.broken[2].file, "in/a/text.wav");
}

TEST_F(ImportTest, ContradictionsAndDuplicatesAreTold) {
  sound("yes/a.wav");
  sound("yes/same.flac");  // the same samples in another container
  sound("zero/same.wav");
  const ImportReport r = import(project());
  EXPECT_EQ(r.added, 1U);
  EXPECT_EQ(r.duplicates, 1U);
  ASSERT_EQ(r.conflicts.size(), 1U);
  EXPECT_NE(r.conflicts[0].what.find("there as 'yes'"), std::string::npos);
}

TEST_F(ImportTest, SpeakersOfSpeechCommandsStayTogether) {
  sound("bed/026290a7_nohash_0.wav", 16000, 1, 0.5, 200);
  sound("cat/026290a7_nohash_1.wav", 16000, 1, 0.5, 300);
  sound("cat/00176480_nohash_0.wav", 16000, 1, 0.5, 400);
  import(project());
  const auto all = examples(project());
  EXPECT_EQ(all.at("in/bed/026290a7_nohash_0.wav").record.group, "026290a7");
  EXPECT_EQ(all.at("in/bed/026290a7_nohash_0.wav").split, Split::validation);
  EXPECT_EQ(all.at("in/cat/026290a7_nohash_1.wav").split, Split::validation);
  EXPECT_EQ(all.at("in/cat/00176480_nohash_0.wav").split, Split::train);
}

TEST_F(ImportTest, PatternsNameLabelAndGroup) {
  sound("7_jackson_1.wav");
  ImportOptions options;
  options.label_pattern = "/([0-9])_", options.group_pattern = "_([a-z]+)_";
  import(project(), options);
  const Example e = examples(project()).at("in/7_jackson_1.wav");
  EXPECT_EQ(e.record.label, "7");
  EXPECT_EQ(e.record.group, "jackson");
  options.from = folder.path() / "in";
  options.label_pattern = "(";
  EXPECT_NE(error(project(), options).find("not a regular expression"), std::string::npos);
  options.label_pattern = "([x-z])_";
  EXPECT_NE(error(project(), options).find("does not match"), std::string::npos);
}

TEST_F(ImportTest, ManifestsStateLabelSplitGroupAndStretch) {
  sound("clips/a.wav", 16000, 1, 2);
  text("list.csv", "path,label,split,group,start,end\nclips/a.wav,\"x, y\",test,anna,0.5,1.25\n");
  ImportOptions options;
  options.from = at("list.csv");
  EXPECT_EQ(import(project(), options).added, 1U);
  const Example e = examples(project()).begin()->second;
  EXPECT_EQ(e.record.label, "x, y");
  EXPECT_EQ(e.split, Split::test);
  EXPECT_EQ(e.record.group, "anna");
  EXPECT_EQ(e.record.shape.steps, 12000U);
  text("list.csv", "path,lable\nclips/a.wav,x\n");
  EXPECT_NE(error(project(), options).find("did you mean 'label'?"), std::string::npos);
  text("list.csv", "path,label,split\nclips/a.wav,x,tset\n");
  EXPECT_NE(error(project(), options).find("list.csv:2"), std::string::npos);
  text("list.tsv", "path\tlabel\nclips/missing.wav\tx\n");
  options.from = at("list.tsv");
  EXPECT_EQ(import(project(), options).broken.size(), 1U);
}

TEST_F(ImportTest, LongRecordingsAreCutIntoWindowsOfOneGroup) {
  sound("a/long.wav", 16000, 1, 1.0, 443.7);  // no window equals another
  ImportOptions options;
  options.window_ms = 400, options.stride_ms = 200;
  EXPECT_EQ(import(project(), options).added, 4U);  // at 0, 0.2, 0.4 and 0.6 s
  for (const auto& [source, e] : examples(project())) EXPECT_EQ(e.record.group, "in/a/long.wav");
}

TEST_F(ImportTest, SeriesComeFromTextAndNumPy) {
  const Project p = project("[data]\nkind = 'series'");
  text("walk/a.csv", "timestamp,x,y\n0,1,2\n20,3,4\n40,5,6.5\n");
  text("walk/b.txt", "1 2 3\n4 5 6\n");
  text("rest/nan.csv", "x,y\n1,2\n3,nan\n");
  text("rest/ragged.csv", "1,2\n3\n");
  text("rest/word.csv", "x\n1\nhello\n");
  const ImportReport r = import(p);
  EXPECT_EQ(r.added, 2U);
  ASSERT_EQ(r.broken.size(), 3U);
  EXPECT_EQ(r.broken[0].what, "line 3, column 2 is not a finite number");
  EXPECT_NE(r.broken[1].what.find("line 2 has 1 numbers"), std::string::npos);
  EXPECT_EQ(r.broken[2].what, "line 3, column 1 is not a number");
  const Example e = examples(p).at("in/walk/a.csv");
  EXPECT_EQ(e.record.shape.channels, 2U);
  EXPECT_DOUBLE_EQ(e.record.shape.rate_hz, 50);
  Content npy;
  npy.kind = Kind::series, npy.steps = 2, npy.channels = 2, npy.series = {1, 2, 3, 4};
  text("run/c.npy", encode_content(npy));
  EXPECT_EQ(import(p).added, 1U);
  EXPECT_EQ(examples(p).at("in/run/c.npy").record.shape.channels, 2U);
}

// A file as the format's description gives it, signed with OpenSSL's HMAC over 64 zeros in the signature's place.
std::string acquisition(const std::string& key, bool cbor) {
  json j = {{"protected", {{"ver", "v1"}, {"alg", "HS256"}, {"iat", 1564128599}}},
            {"signature", std::string(64, '0')},
            {"payload",
             {{"device_name", "ac:87:a3:0a:2d:1b"},
              {"device_type", "board"},
              {"interval_ms", 10},
              {"sensors", {{{"name", "accX"}, {"units", "m/s2"}}, {{"name", "accY"}, {"units", "m/s2"}}}},
              {"values", {{-9.81, 0.03}, {-9.83, 0.04}, {-9.12, 0.03}}}}}};
  const auto bytes = [&] {
    const auto v = json::to_cbor(j);
    return cbor ? std::string(v.begin(), v.end()) : j.dump();
  };
  j["signature"] = hmac_sha256_hex(key, bytes());
  return bytes();
}

TEST_F(ImportTest, AcquisitionFilesAreReadAndTheirSignaturesHeld) {
  const Project p = project("[data]\nkind = 'series'");
  text("idle.01.json", acquisition("secret", false));
  text("wave.02.cbor", acquisition("secret", true));
  ImportOptions options;
  options.key = "wrong";
  EXPECT_EQ(import(p, options).broken.size(), 2U);
  options.key = "secret";
  const ImportReport r = import(p, options);
  EXPECT_TRUE(r.broken.empty()) << r.broken[0].what;
  EXPECT_EQ(r.unverified, 0U);
  EXPECT_EQ(r.labels.at("idle") + r.conflicts.size(), 2U);  // both hold the same values
  EXPECT_DOUBLE_EQ(examples(p).at("in/idle.01.json").record.shape.rate_hz, 100);
}

TEST_F(ImportTest, HostileAcquisitionFilesAreRefused) {
  const Project p = project("[data]\nkind = 'series'");
  text("a.json",
       "{\"protected\":{\"ver\":\"v1\",\"alg\":\"none\"},\"payload\":{\"interval_ms\":10,\"sensors\":[{}],\"values\":[["
       "1,2]]}}");
  text("b.json", "[1,2");
  text("c.cbor", std::string(1U << 20U, '\x81'));                          // a million nested arrays
  text("d.cbor", std::string("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", 9));  // an array of 2^63 items
  text("e.cbor", "");
  text("f.json", std::string(100000, '['));
  EXPECT_EQ(import(p).broken.size(), 6U);
}

TEST_F(ImportTest, NothingToImportAndTooLongAreSaid) {
  fs::create_directories(at(""));
  ImportOptions options;
  options.from = at("");
  EXPECT_NE(error(project(), options).find("nothing to import"), std::string::npos);
  options.from = at("missing");
  EXPECT_NE(error(project(), options).find("no such file"), std::string::npos);
  sound("a/long.wav", 16000, 1, 2);
  const ImportReport r = import(project("[data]\nmax_s = 1"));
  ASSERT_EQ(r.broken.size(), 1U);
  EXPECT_NE(r.broken[0].what.find("longer than data.max_s"), std::string::npos);
}

TEST_F(ImportTest, CheckFindsLeaksDamageAndMissingClasses) {
  for (int i = 0; i < 30; ++i) sound("a/s" + std::to_string(i) + "_nohash_0.wav", 16000, 1, 0.2, 200 + 10 * i);
  import(project());
  CheckReport r = check(Dataset::open(project()).value());
  ASSERT_EQ(r.errors.size(), 1U);
  EXPECT_NE(r.errors[0].find("one class only"), std::string::npos);
  for (int i = 0; i < 30; ++i) sound("b/t" + std::to_string(i) + "_nohash_0.wav", 16000, 1, 0.2, 205 + 10 * i);
  import(project());
  EXPECT_TRUE(check(Dataset::open(project()).value()).errors.empty());
  // A speaker who is known, under a stated split.
  sound("leak/s1_nohash_7.wav", 16000, 1, 0.2, 3000);
  sound("leak/s2_nohash_7.wav", 16000, 1, 0.2, 3100);
  ImportOptions options;
  options.from = at("leak"), options.label = "a", options.split = Split::test;
  import(project(), options);
  r = check(Dataset::open(project()).value());
  ASSERT_GE(r.errors.size(), 1U);
  EXPECT_NE(r.errors[0].find("group 's"), std::string::npos);
  // A file that changed.
  auto set = Dataset::open(project());
  const fs::path file = set.value().store().file_of(set.value().examples()[0].record);
  auto bytes = read_text_file(file);
  bytes.value()[100] = static_cast<char>(bytes.value()[100] ^ 1);
  ASSERT_TRUE(write_file(file, bytes.value()).ok());
  r = check(set.value());
  EXPECT_NE(r.errors[0].find("changed after it was imported"), std::string::npos);
}

}  // namespace
}  // namespace mote::data
