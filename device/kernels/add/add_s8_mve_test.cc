// The MVE int8 sum against the portable one, on an emulated Cortex-M55.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

testing::KernelCase sum(std::int64_t count, float a_scale, float b_scale, float out_scale, const char* activation,
                        std::uint32_t seed) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const TensorId x0 = b.input(b.activation("a", {1, count}, a_scale, random.zero_point()));
  const TensorId x1 = b.input(b.activation("b", {1, count}, b_scale, random.zero_point()));
  const TensorId y = b.output(b.activation("y", {1, count}, out_scale, random.zero_point()));
  b.node(OpKind::add, {x0, x1}, {y}, {{"activation", std::string(activation)}});
  return {b.graph, "add_s8_mve"};
}

TEST(AddS8Mve, IsBitExact) {
  std::vector<testing::KernelCase> cases;
  cases.push_back(sum(4000, 0.05F, 0.05F, 0.08F, "none", 301));  // equal scales
  cases.push_back(sum(4001, 0.05F, 0.049F, 0.08F, "relu",
                      302));  // nearly: shifted right by one
  cases.push_back(sum(4002, 0.01F, 0.05F, 0.03F, "relu6",
                      303));  // the second is larger; bytes beyond whole words
  cases.push_back(sum(4003, 0.9F, 0.0007F, 0.5F, "none", 304));
  cases.push_back(sum(3, 0.02F, 0.03F, 0.05F, "relu_n1_to_1", 305));  // no whole word
  expect_bit_exact_on("mps3-an547", std::move(cases), 4);
}

}  // namespace
}  // namespace mote
