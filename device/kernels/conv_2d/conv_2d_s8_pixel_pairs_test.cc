// The convolutions for cores without SIMD against the portable one, on emulated boards.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

struct Shapes {
  std::int64_t batches, in_h, in_w, in_c, out_c, kernel_h, kernel_w, stride, dilation_h, dilation_w;
  const char* padding = "same";
  const char* activation = "none";
  testing::Weights weights = testing::Weights::random;
};

KernelCase conv(const Shapes& s, std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const auto out = [&](std::int64_t in, std::int64_t kernel_size, std::int64_t dilation) {
    return std::string_view(s.padding) == "same" ? (in + s.stride - 1) / s.stride
                                                 : (in - (kernel_size - 1) * dilation - 1) / s.stride + 1;
  };
  testing::add_weighted_node(
      b, random, OpKind::conv_2d, {s.batches, s.in_h, s.in_w, s.in_c}, {s.out_c, s.kernel_h, s.kernel_w, s.in_c}, 0,
      s.kernel_h * s.kernel_w * s.in_c,
      {s.batches, out(s.in_h, s.kernel_h, s.dilation_h), out(s.in_w, s.kernel_w, s.dilation_w), s.out_c},
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
  using testing::Weights;
  const Shapes shapes[] = {
      {1, 5, 5, 8, 9, 1, 1, 1, 1, 1},                                      // pointwise, more than a block
      {1, 3, 3, 64, 16, 1, 1, 1, 1, 1, "valid", "relu"},                   // nine pixels
      {1, 1, 1, 7, 3, 1, 1, 1, 1, 1},                                      // one pixel
      {1, 1, 3, 1, 1, 1, 1, 1, 1, 1},                                      // three pixels, one tap, one channel
      {1, 9, 10, 1, 8, 4, 3, 2, 1, 1, "same", "relu"},                     // few channels
      {1, 8, 7, 3, 8, 3, 3, 2, 1, 1, "same", "relu6"},                     // first layer of an image network
      {2, 5, 4, 5, 7, 3, 2, 1, 1, 1, "valid", "relu_n1_to_1"},             // batches, nothing aligned
      {1, 9, 9, 4, 4, 3, 3, 1, 2, 3, "same"},                              // dilated
      {1, 2, 2, 6, 4, 5, 5, 1, 1, 1, "same"},                              // kernel larger than the input
      {1, 4, 5, 48, 18, 3, 3, 1, 1, 1, "same", "relu", Weights::extreme},  // segments of two taps
      {2, 1, 2, 300, 2, 1, 1, 1, 1, 1, "same", "none", Weights::lowest},   // of one
      {1, 2, 4, 40, 3, 1, 1, 1, 1, 1, "same", "none", Weights::small},     // of sixteen
  };
  std::vector<KernelCase> out;
  for (const Shapes& s : shapes) out.push_back(conv(s, static_cast<std::uint32_t>(out.size()), kernel));
  return out;
}

TEST(Conv2dS8Armv6m, IsBitExact) { expect_bit_exact_on("mps2-an385-m0", cases("conv_2d_s8_armv6m"), 1); }

TEST(Conv2dS8Rv32imc, IsBitExact) { expect_bit_exact_on("riscv-virt", cases("conv_2d_s8_rv32imc"), 2); }

}  // namespace
}  // namespace mote
