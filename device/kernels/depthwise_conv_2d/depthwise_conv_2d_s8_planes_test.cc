// The depthwise convolutions that keep rows as planes, against the portable one, on emulated boards.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;
using testing::Weights;

struct Shapes {
  std::int64_t batches, in_h, in_w, in_c, multiplier, kernel_h, kernel_w, stride, dilation_h, dilation_w;
  const char* padding = "same";
  const char* activation = "none";
  Weights weights = Weights::random;
};

KernelCase depthwise(const Shapes& s, std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const auto out = [&](std::int64_t in, std::int64_t kernel_size, std::int64_t dilation) {
    return std::string_view(s.padding) == "same" ? (in + s.stride - 1) / s.stride
                                                 : (in - (kernel_size - 1) * dilation - 1) / s.stride + 1;
  };
  const std::int64_t channels = s.in_c * s.multiplier;
  testing::add_weighted_node(
      b, random, OpKind::depthwise_conv_2d, {s.batches, s.in_h, s.in_w, s.in_c}, {1, s.kernel_h, s.kernel_w, channels},
      3, s.kernel_h * s.kernel_w,
      {s.batches, out(s.in_h, s.kernel_h, s.dilation_h), out(s.in_w, s.kernel_w, s.dilation_w), channels},
      {{"stride_h", s.stride},
       {"stride_w", s.stride},
       {"dilation_h", s.dilation_h},
       {"dilation_w", s.dilation_w},
       {"padding", std::string(s.padding)},
       {"activation", std::string(s.activation)}},
      s.weights);
  return {b.graph, kernel};
}

std::vector<KernelCase> cases(const char* kernel) {
  const Shapes shapes[] = {
      {1, 6, 5, 8, 1, 3, 3, 1, 1, 1},                                      //
      {2, 7, 8, 5, 1, 3, 3, 2, 1, 1, "same", "relu"},                      // stride, batches, odd channels
      {1, 1, 1, 3, 1, 3, 3, 1, 1, 1},                                      // all but one tap in the padding
      {1, 5, 4, 4, 1, 3, 3, 1, 1, 1, "valid", "relu6"},                    //
      {1, 8, 9, 3, 1, 3, 3, 3, 1, 1, "valid", "relu_n1_to_1"},             // stride as large as the kernel
      {1, 9, 8, 2, 1, 2, 2, 4, 1, 1, "valid"},                             // larger: rows are left out
      {1, 9, 9, 2, 3, 3, 3, 1, 1, 1},                                      // several outputs per input
      {1, 9, 10, 3, 2, 4, 5, 2, 1, 1, "same", "relu"},                     //
      {1, 9, 8, 4, 1, 3, 3, 1, 2, 3},                                      // dilated
      {1, 10, 3, 1, 4, 10, 4, 1, 1, 1, "same", "relu", Weights::extreme},  // large
      {1, 6, 6, 8, 1, 3, 3, 1, 1, 1, "same", "none", Weights::lowest},     //
      {1, 6, 6, 8, 1, 3, 3, 1, 1, 1, "same", "relu", Weights::extreme},
  };
  std::vector<KernelCase> out;
  for (const Shapes& s : shapes) out.push_back(depthwise(s, 40 + static_cast<std::uint32_t>(out.size()), kernel));
  return out;
}

TEST(DepthwiseConv2dS8Armv6m, IsBitExact) {
  expect_bit_exact_on("mps2-an385-m0", cases("depthwise_conv_2d_s8_armv6m"), 3);
}

// Where a faster kernel fits, too, scratch is short of that.
TEST(DepthwiseConv2dS8AnyArmv7em, IsBitExact) {
  expect_bit_exact_on("mps2-an386", cases("depthwise_conv_2d_s8_armv7em"), 5);
}

TEST(DepthwiseConv2dS8Rv32imc, IsBitExact) {
  expect_bit_exact_on("riscv-virt", cases("depthwise_conv_2d_s8_rv32imc"), 4);
}

}  // namespace
}  // namespace mote
