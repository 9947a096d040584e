// Sequences worked out by hand.
#include "device/runtime/detector.h"

#include <gtest/gtest.h>

#include <vector>

namespace mote::runtime {
namespace {

std::vector<int> heard(const DetectorParams& p, const std::vector<int>& outputs) {
  DetectorState state{};
  std::vector<int> out;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (detector_push(p, state, static_cast<std::int8_t>(outputs[i]))) out.push_back(static_cast<int>(i));
  }
  return out;
}

TEST(Detector, TheMeanOfTheLastOutputsCounts) {
  // Sums over 3: 0, 200, 400, 600, 400, 200, 0.
  const std::vector<int> outputs = {-128, 72, 72, 72, -128, -128, -128};
  EXPECT_EQ(heard({3, 600, 0}, outputs), (std::vector<int>{3}));
  EXPECT_EQ(heard({3, 400, 0}, outputs), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(heard({3, 601, 0}, outputs), (std::vector<int>{}));
}

TEST(Detector, ACooldownKeepsQuietForSoManyOutputs) {
  EXPECT_EQ(heard({1, 100, 2}, {127, 127, 127, 127, 127}), (std::vector<int>{0, 3}));
}

TEST(Detector, NothingIsNeverHeard) { EXPECT_EQ(heard({2, 0, 0}, {-128, -128, 0}), (std::vector<int>{2})); }

}  // namespace
}  // namespace mote::runtime
