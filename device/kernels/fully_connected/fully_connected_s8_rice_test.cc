// The fully connected layer from coded weights against the one from plain weights, and codes worked out by hand.
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "device/kernels/fully_connected/fully_connected.h"
#include "host/ops/packing.h"

namespace mote {
namespace {

// `count` values of [low, high], every seventh one of its ends.
std::vector<std::int8_t> values(std::mt19937& rng, std::int32_t count, int low, int high, int rare_low, int rare_high) {
  std::vector<std::int8_t> out;
  for (std::int32_t i = 0; i < count; ++i) {
    const int v = i % 97 == 7    ? rare_low
                  : i % 97 == 50 ? rare_high
                                 : std::uniform_int_distribution<int>(low, high)(rng);
    out.push_back(static_cast<std::int8_t>(v));  // in [-128, 127]
  }
  return out;
}

std::vector<std::int32_t> words_of(const Constant& c) {
  std::vector<std::int32_t> out(c.bytes.size() / 4);
  std::memcpy(out.data(), c.bytes.data(), c.bytes.size());
  return out;
}

TEST(FullyConnectedS8Rice, IsBitExact) {
  struct Shape {
    std::int32_t rows, depth, units, reach;
  };
  for (const Shape& s : {Shape{1, 64, 80, 2}, {3, 37, 171, 5}, {1, 3000, 1, 0}, {2, 128, 64, 20}}) {
    std::mt19937 rng(static_cast<std::uint32_t>(s.depth));
    const auto k = values(rng, s.units * s.depth, -s.reach, s.reach, -128, 127);
    const auto x = values(rng, s.rows * s.depth, -128, 127, -128, 127);
    const auto codes = pack_rice(k);
    ASSERT_TRUE(codes.has_value());
    FullyConnectedParams p{};
    p.rows = s.rows;
    p.depth = s.depth;
    p.units = s.units;
    p.scale_step = 1;
    p.in_offset = 3;
    p.out_offset = -5;
    p.clamp_min = -128;
    p.clamp_max = 120;
    std::vector<std::int32_t> bias;
    std::vector<std::int32_t> multiplier;
    for (std::int32_t u = 0; u < s.units; ++u) {
      bias.push_back(100 * u - 1000);
      multiplier.push_back((1 << 30) + 12345 * u);
    }
    const std::vector<std::int8_t> shift(static_cast<std::size_t>(s.units), -8);
    std::vector<std::int8_t> wanted(static_cast<std::size_t>(s.rows * s.units));
    std::vector<std::int8_t> got(wanted.size());
    kernels::fully_connected_s8_portable(p, x.data(), k.data(), bias.data(), multiplier.data(), shift.data(),
                                         wanted.data());
    kernels::fully_connected_s8_rice_portable(p, x.data(), words_of(*codes).data(), bias.data(), multiplier.data(),
                                              shift.data(), got.data());
    EXPECT_EQ(got, wanted) << s.depth;
  }
}

// z = 0, 1, 2, 3 and 255 with no low bits: as many ones, and a zero.
TEST(PackRice, WritesCodesFromTheHighestBit) {
  std::vector<std::int8_t> weights = {0, -1, 1, -2};
  weights.resize(4000, 0);
  weights[3999] = -128;
  const auto packed = pack_rice(weights);
  ASSERT_TRUE(packed.has_value());
  const std::int64_t bits = 1 + 2 + 3 + 4 + 3995 + 256;
  ASSERT_EQ(std::ssize(packed->bytes), 4 + (bits + 31) / 32 * 4);
  const auto words = words_of(*packed);
  EXPECT_EQ(words[0], 0);
  EXPECT_EQ(words[1], 0b0101'1011'1000'0000'0000'0000'0000'0000);
}

TEST(PackRice, RefusesWhatWouldSaveLittle) {
  std::mt19937 rng(1);
  EXPECT_FALSE(pack_rice(values(rng, 8000, -128, 127, -128, 127)).has_value());  // no code is shorter
  EXPECT_FALSE(pack_rice(std::vector<std::int8_t>(1000, 0)).has_value());        // less than the code that reads it
  EXPECT_TRUE(pack_rice(std::vector<std::int8_t>(8000, 0)).has_value());
}

}  // namespace
}  // namespace mote
