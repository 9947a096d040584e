// The MVE fully connected layer against the portable one, on an emulated
// Cortex-M55.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

struct Shapes {
  std::int64_t rows, depth, units;
  const char* activation = "none";
  bool extreme = false;
};

KernelCase dense(const Shapes& s, std::uint32_t seed) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  testing::add_weighted_node(b, random, OpKind::fully_connected, {s.rows, s.depth}, {s.units, s.depth}, 0, s.depth,
                             {s.rows, s.units}, {{"activation", std::string(s.activation)}}, s.extreme);
  return {b.graph, "fully_connected_s8_mve"};
}

TEST(FullyConnectedS8Mve, IsBitExact) {
  const Shapes shapes[] = {
      {1, 64, 8, "relu"},          // one whole block
      {1, 1, 1},                   // one product
      {1, 7, 12, "relu6"},         // nothing whole
      {3, 37, 17},                 // rows; units start at odd addresses
      {2, 8, 16, "relu_n1_to_1"},  //
      {1, 130, 10},                //
      {1, 300, 9, "none", true},   // large sums
      {1, 128, 24, "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const Shapes& s : shapes) cases.push_back(dense(s, 200 + static_cast<std::uint32_t>(cases.size())));
  expect_bit_exact_on("mps3-an547", std::move(cases), 3);
}

}  // namespace
}  // namespace mote
