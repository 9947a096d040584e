// Placement against an exhaustive search over all offsets.
#include "host/plan/place.h"

#include <gtest/gtest.h>

#include <random>

namespace mote {
namespace {

constexpr std::int64_t kUnit = 16;

bool together(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

void expect_disjoint(const std::vector<Buffer>& buffers, const Placed& placed) {
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    EXPECT_GE(placed.offset_bytes[a], 0);
    EXPECT_LE(placed.offset_bytes[a] + buffers[a].size_bytes, placed.arena_bytes);
    for (std::size_t b = 0; b < a; ++b) {
      if (!together(buffers[a], buffers[b])) continue;
      const bool apart = placed.offset_bytes[a] + buffers[a].size_bytes <= placed.offset_bytes[b] ||
                         placed.offset_bytes[b] + buffers[b].size_bytes <= placed.offset_bytes[a];
      EXPECT_TRUE(apart) << buffers[a].name << " overlaps " << buffers[b].name;
    }
  }
}

// Whether buffers[i..] fit below `height` units given the offsets of those before, trying every offset.
bool fits(const std::vector<Buffer>& buffers, std::vector<std::int64_t>& offset, std::size_t i, std::int64_t height) {
  if (i == buffers.size()) return true;
  for (std::int64_t at = 0; at + buffers[i].size_bytes <= height * kUnit; at += kUnit) {
    bool free = true;
    for (std::size_t b = 0; b < i && free; ++b) {
      free = !together(buffers[i], buffers[b]) || at + buffers[i].size_bytes <= offset[b] ||
             offset[b] + buffers[b].size_bytes <= at;
    }
    if (!free) continue;
    offset[i] = at;
    if (fits(buffers, offset, i + 1, height)) return true;
  }
  return false;
}

TEST(Place, OptimalOnRandomLifetimes) {
  std::mt19937 random(20261122);
  for (int round = 0; round < 300; ++round) {
    std::vector<Buffer> buffers(3 + random() % 5);
    for (Buffer& b : buffers) {
      b.size_bytes = kUnit * (1 + static_cast<std::int64_t>(random() % 4));
      b.first = static_cast<std::int64_t>(random() % 6);
      b.last = b.first + static_cast<std::int64_t>(random() % 4);
    }
    const Placed placed = place_buffers(buffers);
    expect_disjoint(buffers, placed);
    std::vector<std::int64_t> offset(buffers.size());
    const std::int64_t units = placed.arena_bytes / kUnit;
    EXPECT_TRUE(fits(buffers, offset, 0, units));
    EXPECT_FALSE(fits(buffers, offset, 0, units - 1)) << "round " << round << ": a smaller arena exists";
    EXPECT_GE(placed.arena_bytes, placed.lower_bound_bytes);
  }
}

TEST(Place, NoBuffers) {
  const Placed placed = place_buffers({});
  EXPECT_EQ(placed.arena_bytes, 0);
}

TEST(Place, ManyBuffersStayFast) {
  std::mt19937 random(7);
  std::vector<Buffer> buffers(300);
  for (Buffer& b : buffers) {
    b.size_bytes = kUnit * (1 + static_cast<std::int64_t>(random() % 400));
    b.first = static_cast<std::int64_t>(random() % 200);
    b.last = b.first + static_cast<std::int64_t>(random() % 20);
  }
  const Placed placed = place_buffers(buffers);
  expect_disjoint(buffers, placed);
  EXPECT_LE(placed.arena_bytes, placed.lower_bound_bytes * 5 / 4);
}

}  // namespace
}  // namespace mote
