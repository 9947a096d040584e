// The Armv7E-M fully connected layer against the portable one, on an emulated
// Cortex-M4.
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

KernelCase dense(const Shapes& s, std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  testing::add_weighted_node(b, random, OpKind::fully_connected, {s.rows, s.depth}, {s.units, s.depth}, 0, s.depth,
                             {s.rows, s.units}, {{"activation", std::string(s.activation)}}, s.extreme);
  return {b.graph, kernel};
}

TEST(FullyConnectedS8Armv7em, IsBitExact) {
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
  for (const char* kernel : {"fully_connected_s8_armv7em", "fully_connected_s8_direct_armv7em"}) {
    for (const Shapes& s : shapes) {
      if (s.depth % 8 != 0 && std::string_view(kernel).find("direct") != std::string_view::npos) continue;
      cases.push_back(dense(s, 200 + static_cast<std::uint32_t>(cases.size()), kernel));
    }
  }
  expect_bit_exact_on("mps2-an386", std::move(cases), 3);
}

}  // namespace
}  // namespace mote
