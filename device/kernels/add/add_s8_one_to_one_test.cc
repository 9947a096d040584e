// The int8 sums for cores without SIMD against the portable one, on emulated boards.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

KernelCase sum(std::int64_t count, float a_scale, float b_scale, float out_scale, const char* activation,
               std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const TensorId x0 = b.input(b.activation("a", {1, count}, a_scale, random.zero_point()));
  const TensorId x1 = b.input(b.activation("b", {1, count}, b_scale, random.zero_point()));
  const TensorId y = b.output(b.activation("y", {1, count}, out_scale, random.zero_point()));
  b.node(OpKind::add, {x0, x1}, {y}, {{"activation", std::string(activation)}});
  return {b.graph, kernel};
}

std::vector<KernelCase> cases(const char* kernel) {
  std::vector<KernelCase> out;
  out.push_back(sum(4000, 0.05F, 0.05F, 0.08F, "none", 311, kernel));         // equal scales
  out.push_back(sum(4001, 0.05F, 0.049F, 0.08F, "relu", 312, kernel));        // nearly: shifted right by one
  out.push_back(sum(4002, 0.01F, 0.05F, 0.03F, "relu6", 313, kernel));        // the second is larger
  out.push_back(sum(4003, 0.9F, 0.0007F, 0.5F, "none", 314, kernel));         //
  out.push_back(sum(300, 0.02F, 0.03F, 0.35F, "none", 315, kernel));          // far to the right
  out.push_back(sum(300, 0.02F, 0.03F, 0.05F, "relu_n1_to_1", 316, kernel));  //
  return out;
}

TEST(AddS8Armv6m, IsBitExact) { expect_bit_exact_on("mps2-an385-m0", cases("add_s8_armv6m"), 7); }

TEST(AddS8Rv32imc, IsBitExact) { expect_bit_exact_on("riscv-virt", cases("add_s8_rv32imc"), 8); }

}  // namespace
}  // namespace mote
