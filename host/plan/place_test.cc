// Placement against an exhaustive search over all offsets.
#include "host/plan/place.h"

#include <gtest/gtest.h>

#include <random>

namespace mote {
namespace {

constexpr std::int64_t kUnit = 16;

bool together(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

// How far above a's beginning b must begin where it lies above.
std::int64_t distance(const std::vector<Buffer>& buffers, const std::vector<Lead>& leads, std::size_t a,
                      std::size_t b) {
  for (const Lead& lead : leads) {
    if (lead.below == static_cast<std::int32_t>(a) && lead.above == static_cast<std::int32_t>(b))
      return lead.lead_bytes;
  }
  return buffers[a].size_bytes;
}

void expect_agrees(const std::vector<Buffer>& buffers, const std::vector<Lead>& leads, const Placed& placed) {
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    EXPECT_GE(placed.offset_bytes[a], 0);
    EXPECT_LE(placed.offset_bytes[a] + buffers[a].size_bytes, placed.arena_bytes);
    for (std::size_t b = 0; b < a; ++b) {
      if (!together(buffers[a], buffers[b])) continue;
      const bool apart = placed.offset_bytes[a] + distance(buffers, leads, a, b) <= placed.offset_bytes[b] ||
                         placed.offset_bytes[b] + distance(buffers, leads, b, a) <= placed.offset_bytes[a];
      EXPECT_TRUE(apart) << buffers[a].name << " overlaps " << buffers[b].name;
    }
  }
}

// Whether buffers[i..] fit below `height` units given the offsets of those before, trying every offset.
bool fits(const std::vector<Buffer>& buffers, const std::vector<Lead>& leads, std::vector<std::int64_t>& offset,
          std::size_t i, std::int64_t height) {
  if (i == buffers.size()) return true;
  for (std::int64_t at = 0; at + buffers[i].size_bytes <= height * kUnit; at += kUnit) {
    bool free = true;
    for (std::size_t b = 0; b < i && free; ++b) {
      free = !together(buffers[i], buffers[b]) || at + distance(buffers, leads, i, b) <= offset[b] ||
             offset[b] + distance(buffers, leads, b, i) <= at;
    }
    if (!free) continue;
    offset[i] = at;
    if (fits(buffers, leads, offset, i + 1, height)) return true;
  }
  return false;
}

void expect_optimal(const std::vector<Buffer>& buffers, const std::vector<Lead>& leads, int round) {
  const Placed placed = place_buffers(buffers, leads);
  expect_agrees(buffers, leads, placed);
  std::vector<std::int64_t> offset(buffers.size());
  const std::int64_t units = placed.arena_bytes / kUnit;
  EXPECT_TRUE(fits(buffers, leads, offset, 0, units));
  EXPECT_FALSE(fits(buffers, leads, offset, 0, units - 1)) << "round " << round << ": a smaller arena exists";
  EXPECT_GE(placed.arena_bytes, placed.lower_bound_bytes);
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
    expect_optimal(buffers, {}, round);
  }
}

// Chains of buffers, most of which may reach into the one before, beside others that live longer.
TEST(Place, OptimalWithLeads) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 400; ++round) {
    const std::size_t chain = 3 + random() % 3;
    std::vector<Buffer> buffers(chain + random() % 3);
    std::vector<Lead> leads;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      Buffer& b = buffers[i];
      b.size_bytes = kUnit * (1 + static_cast<std::int64_t>(random() % 4));
      b.first = static_cast<std::int64_t>(i < chain ? i : random() % 6);
      b.last = b.first + static_cast<std::int64_t>(i < chain ? 1 : random() % 3);
      if (i == 0 || i >= chain || random() % 4 == 0) continue;
      const std::int64_t lead = kUnit * static_cast<std::int64_t>(random() % 3);
      if (lead >= b.size_bytes) continue;
      leads.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(i - 1), lead});
    }
    expect_optimal(buffers, leads, round);
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
  expect_agrees(buffers, {}, placed);
  EXPECT_LE(placed.arena_bytes, placed.lower_bound_bytes * 5 / 4);
}

}  // namespace
}  // namespace mote
