// The MVE depthwise convolution of any kernel against the portable one, on an emulated Cortex-M55.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

struct Shapes {
  std::int64_t batches, in_h, in_w, channels, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  const char* padding = "same";
  const char* activation = "none";
  bool extreme = false;
};

KernelCase depthwise(const Shapes& s, std::uint32_t seed) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const auto out_size = [&](std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
    return std::string_view(s.padding) == "same" ? (in + stride - 1) / stride
                                                 : (in - (kernel - 1) * dilation - 1) / stride + 1;
  };
  testing::add_weighted_node(b, random, OpKind::depthwise_conv_2d, {s.batches, s.in_h, s.in_w, s.channels},
                             {1, s.kernel_h, s.kernel_w, s.channels}, 3, s.kernel_h * s.kernel_w,
                             {s.batches, out_size(s.in_h, s.kernel_h, s.stride_h, s.dilation_h),
                              out_size(s.in_w, s.kernel_w, s.stride_w, s.dilation_w), s.channels},
                             {{"stride_h", s.stride_h},
                              {"stride_w", s.stride_w},
                              {"dilation_h", s.dilation_h},
                              {"dilation_w", s.dilation_w},
                              {"padding", std::string(s.padding)},
                              {"activation", std::string(s.activation)}},
                             s.extreme);
  return {b.graph, "depthwise_conv_2d_s8_mve"};
}

TEST(DepthwiseConv2dS8AnyMve, IsBitExact) {
  const Shapes shapes[] = {
      {1, 28, 1, 40, 3, 1, 1, 1, 1, 1, "valid", "relu"},       // in time only
      {1, 20, 1, 21, 17, 1, 1, 1, 1, 1, "valid"},              // two steps of taps
      {1, 3, 3, 25, 3, 3, 1, 2, 1, 1, "same", "relu6"},        // unequal strides
      {2, 5, 6, 5, 2, 3, 1, 1, 1, 1, "same", "relu_n1_to_1"},  // batches, no whole vector of channels
      {1, 9, 8, 16, 3, 3, 1, 1, 2, 3, "same", "relu"},         // dilated
      {1, 1, 1, 3, 5, 5, 1, 1, 1, 1, "same"},                  // all but one tap outside
      {1, 7, 7, 33, 1, 1, 2, 2, 1, 1, "valid"},                // one tap
      {1, 8, 8, 18, 5, 5, 2, 2, 1, 1, "same", "none", true},   // large sums
      {1, 6, 6, 12, 4, 4, 1, 1, 1, 1, "valid", "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const Shapes& s : shapes) cases.push_back(depthwise(s, 500 + static_cast<std::uint32_t>(cases.size())));
  expect_bit_exact_on("mps3-an547", std::move(cases), 5);
}

}  // namespace
}  // namespace mote
