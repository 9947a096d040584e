// What front ends say of configurations that cannot be, and of their sizes.
#include <gtest/gtest.h>

#include <limits>

#include "host/signal/extract.h"
#include "host/signal/front_end.h"

namespace mote::signal {
namespace {

std::string error_of(auto change) {
  FrontEndConfig config;
  change(config);
  auto out = FrontEnd::create(config);
  return out.ok() ? "" : out.error().text();
}

TEST(FrontEnd, NamesTheValueThatCannotBe) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(error_of([](auto& c) { c.sample_rate_hz = 0; }).find("sample_rate_hz is 0"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.frame_ms = 500; }).find("a frame is 8000"), std::string::npos);
  EXPECT_NE(error_of([=](auto& c) { c.frame_ms = nan; }).find("frame_ms is nan"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.hop_ms = 33; }).find("hop_ms = 33"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.fft_elems = 500; }).find("fft_elems is 500"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.fft_elems = 256; }).find("fft_elems is 256"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.high_hz = 9000; }).find("high_hz is 9000"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.low_hz = 8000; }).find("low_hz is 8000"), std::string::npos);
  EXPECT_NE(error_of([=](auto& c) { c.low_hz = nan; }).find("low_hz is nan"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.bands = 0; }).find("bands is 0"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.pre_emphasis = 1; }).find("pre_emphasis is 1"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) { c.delta_reach = 9; }).find("delta_reach is 9"), std::string::npos);
  EXPECT_NE(error_of([](auto& c) {
              c.block = Block::mfcc;
              c.coefficients = 41;
            }).find("coefficients is 41"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& c) {
              c.block = Block::pcen;
              c.pcen.power = 2;
            }).find("pcen.power is 2"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& c) {
              c.block = Block::micro;
              c.frame_ms = 16;
            }).find("256 points"),
            std::string::npos);
}

TEST(FrontEnd, NamesTheBandThatHearsNothing) {
  const std::string text = error_of([](auto& c) {
    c.bands = 128;
    c.frame_ms = 8;
    c.hop_ms = 8;
  });
  EXPECT_NE(text.find("band 0 (20 to"), std::string::npos) << text;
  EXPECT_NE(text.find("use fewer bands"), std::string::npos) << text;
  EXPECT_NE(error_of([](auto& c) {
              c.block = Block::micro;
              c.bands = 128;
            }).find("holds none"),
            std::string::npos);
}

TEST(FrontEnd, StatesItsSizes) {
  auto out = FrontEnd::create({});
  ASSERT_TRUE(out.ok()) << out.error().text();
  const FrontEnd& f = out.value();
  EXPECT_EQ(f.frame().frame_elems, 512);
  EXPECT_EQ(f.frame().hop_elems, 256);
  EXPECT_EQ(f.channels(), 40);
  EXPECT_EQ(f.state_bytes(), 2U * 513);
  EXPECT_EQ(f.scratch_bytes(), 2048U);
  EXPECT_EQ(f.rows(511), 0U);
  EXPECT_EQ(f.rows(512), 1U);
  EXPECT_EQ(f.rows(16000), 61U);
  EXPECT_EQ(extract(f, {}).values.size(), 0U);
}

TEST(FrontEnd, KeepsItsTablesWhenItMoves) {
  auto out = FrontEnd::create({});
  ASSERT_TRUE(out.ok());
  std::vector<std::int16_t> sound(2000);
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<std::int16_t>(i * 7919);
  const Features before = extract(out.value(), sound);
  const FrontEnd moved = std::move(out).value();
  EXPECT_EQ(extract(moved, sound).values, before.values);
}

TEST(Normalisation, RefusesWhatItCannotCompute) {
  const double one[] = {1.0};
  const double inf[] = {std::numeric_limits<double>::infinity()};
  const double two[] = {1.0, 2.0};
  EXPECT_FALSE(make_normalisation({}, {}).ok());
  EXPECT_FALSE(make_normalisation(one, two).ok());
  EXPECT_FALSE(make_normalisation(inf, one).ok());
  EXPECT_FALSE(make_normalisation(one, inf).ok());
  EXPECT_TRUE(make_normalisation(one, one).ok());
}

TEST(Block, SuggestsTheNearestName) {
  ASSERT_TRUE(parse_block("mfcc").ok());
  const auto wrong = parse_block("mfec");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().fix, "did you mean 'mfe'?");
}

}  // namespace
}  // namespace mote::signal
