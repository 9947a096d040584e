// The average pools for cores without SIMD against the portable one, on emulated boards.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

testing::KernelCase pool(const Shape& x_shape, std::int64_t kernel_h, std::int64_t kernel_w, std::int64_t stride,
                         bool same, const char* activation, const char* name) {
  testing::GraphBuilder b;
  const auto out = [&](std::int64_t in, std::int64_t kernel) {
    return same ? (in + stride - 1) / stride : (in - kernel) / stride + 1;
  };
  const TensorId x = b.input(b.activation("x", x_shape, 0.04F, -7));
  const Shape y_shape = {x_shape[0], out(x_shape[1], kernel_h), out(x_shape[2], kernel_w), x_shape[3]};
  const TensorId y = b.output(b.activation("y", y_shape, 0.04F, -7));
  b.node(OpKind::average_pool_2d, {x}, {y},
         {{"kernel_h", kernel_h},
          {"kernel_w", kernel_w},
          {"stride_h", stride},
          {"stride_w", stride},
          {"padding", std::string(same ? "same" : "valid")},
          {"activation", std::string(activation)}});
  return {b.graph, name};
}

std::vector<testing::KernelCase> cases(const char* name) {
  std::vector<testing::KernelCase> out;
  out.push_back(pool({1, 25, 5, 12}, 25, 5, 1, false, "none", name));  // global
  out.push_back(pool({2, 7, 8, 7}, 3, 2, 2, true, "relu", name));      // padding, batches
  out.push_back(pool({1, 4, 5, 3}, 2, 2, 1, true, "relu_n1_to_1", name));
  out.push_back(pool({1, 1, 300, 4}, 1, 300, 1, false, "relu6", name));
  return out;
}

TEST(AveragePool2dS8Armv6m, IsBitExact) { expect_bit_exact_on("mps2-an385-m0", cases("average_pool_2d_s8_armv6m"), 9); }

TEST(AveragePool2dS8Rv32imc, IsBitExact) { expect_bit_exact_on("riscv-virt", cases("average_pool_2d_s8_rv32imc"), 10); }

}  // namespace
}  // namespace mote
