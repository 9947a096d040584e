// The MVE maximum pool against the portable one, on an emulated Cortex-M55.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

testing::KernelCase pool(const Shape& x_shape, std::int64_t kernel_h, std::int64_t kernel_w, std::int64_t stride,
                         bool same, const char* activation) {
  testing::GraphBuilder b;
  const auto out = [&](std::int64_t in, std::int64_t kernel) {
    return same ? (in + stride - 1) / stride : (in - kernel) / stride + 1;
  };
  const TensorId x = b.input(b.activation("x", x_shape, 0.04F, -7));
  const Shape y_shape = {x_shape[0], out(x_shape[1], kernel_h), out(x_shape[2], kernel_w), x_shape[3]};
  const TensorId y = b.output(b.activation("y", y_shape, 0.04F, -7));
  b.node(OpKind::max_pool_2d, {x}, {y},
         {{"kernel_h", kernel_h},
          {"kernel_w", kernel_w},
          {"stride_h", stride},
          {"stride_w", stride},
          {"padding", std::string(same ? "same" : "valid")},
          {"activation", std::string(activation)}});
  return {b.graph, "max_pool_2d_s8_mve"};
}

TEST(MaxPool2dS8Mve, IsBitExact) {
  std::vector<testing::KernelCase> cases;
  cases.push_back(pool({1, 25, 5, 12}, 25, 5, 1, false, "none"));   // global
  cases.push_back(pool({1, 16, 17, 5}, 16, 16, 1, false, "none"));  // as many as int16 holds
  cases.push_back(pool({2, 7, 8, 19}, 3, 2, 2, true, "relu"));      // padding, batches, channels beyond whole vectors
  cases.push_back(pool({1, 4, 5, 3}, 2, 2, 1, true, "relu_n1_to_1"));
  cases.push_back(pool({1, 1, 200, 16}, 1, 200, 1, false, "relu6"));
  cases.push_back(pool({1, 5, 5, 8}, 1, 1, 2, false, "none"));  // one element: its own mean
  expect_bit_exact_on("mps3-an547", std::move(cases), 5);
}

}  // namespace
}  // namespace mote
