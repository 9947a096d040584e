// The fully connected layers for cores without SIMD against the portable one, on emulated boards.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;
using testing::Weights;

struct Shapes {
  std::int64_t rows, depth, units;
  const char* activation = "none";
  Weights weights = Weights::random;
  bool one_scale = false;
};

KernelCase dense(const Shapes& s, std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  testing::add_weighted_node(b, random, OpKind::fully_connected, {s.rows, s.depth}, {s.units, s.depth}, 0, s.depth,
                             {s.rows, s.units}, {{"activation", std::string(s.activation)}}, s.weights);
  if (s.one_scale) {
    Quant& quant = b.graph.tensor(b.graph.nodes[0].inputs[1]).quant;
    quant = {};
    quant.scale = {0.01F};
    quant.zero_point = {0};
  }
  return {b.graph, kernel};
}

std::vector<KernelCase> cases(const char* kernel) {
  const Shapes shapes[] = {
      {1, 64, 8, "relu"},
      {1, 1, 1},
      {1, 7, 10, "relu6"},                         // nothing whole
      {3, 37, 17, "none", Weights::random, true},  // rows
      {2, 8, 14, "relu_n1_to_1"},
      {1, 300, 9, "none", Weights::extreme},
      {2, 300, 4, "none", Weights::lowest, true},
  };
  std::vector<KernelCase> out;
  for (const Shapes& s : shapes) out.push_back(dense(s, 220 + static_cast<std::uint32_t>(out.size()), kernel));
  return out;
}

TEST(FullyConnectedS8Armv6m, IsBitExact) {
  expect_bit_exact_on("mps2-an385-m0", cases("fully_connected_s8_armv6m"), 5);
}

TEST(FullyConnectedS8Rv32imc, IsBitExact) { expect_bit_exact_on("riscv-virt", cases("fully_connected_s8_rv32imc"), 6); }

}  // namespace
}  // namespace mote
