// The Armv7E-M depthwise 3x3 convolution against the portable one, on an
// emulated Cortex-M4.
#include <gtest/gtest.h>

#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

struct Shapes {
  std::int64_t batches, in_h, in_w, channels, stride;
  const char* padding = "same";
  const char* activation = "none";
  bool extreme = false;
};

KernelCase depthwise(const Shapes& s, std::uint32_t seed, const char* kernel) {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const auto out_size = [&](std::int64_t in) {
    return std::string_view(s.padding) == "same" ? (in + s.stride - 1) / s.stride : (in - 3) / s.stride + 1;
  };
  testing::add_weighted_node(b, random, OpKind::depthwise_conv_2d, {s.batches, s.in_h, s.in_w, s.channels},
                             {1, 3, 3, s.channels}, 3, 9, {s.batches, out_size(s.in_h), out_size(s.in_w), s.channels},
                             {{"stride_h", s.stride},
                              {"stride_w", s.stride},
                              {"padding", std::string(s.padding)},
                              {"activation", std::string(s.activation)}},
                             s.extreme);
  return {b.graph, kernel};
}

TEST(DepthwiseConv2dS8Armv7em, IsBitExact) {
  const Shapes shapes[] = {
      {1, 5, 5, 8, 1, "same", "relu"},          // odd rows: the last has no second
      {1, 6, 7, 4, 1},                          // even rows
      {1, 6, 6, 13, 1, "valid", "relu6"},       // channels beyond whole words
      {1, 1, 1, 3, 1, "same"},                  // all but one tap outside; no whole word of channels
      {1, 2, 1, 5, 1, "same", "relu_n1_to_1"},  //
      {2, 4, 3, 4, 1, "same"},                  // batches
      {1, 8, 8, 8, 2, "same", "relu"},          // stride 2, padding below and to the right only
      {1, 7, 7, 6, 2, "same"},                  // stride 2, padding all around
      {1, 7, 9, 4, 2, "valid"},                 //
      {1, 8, 8, 4, 2, "valid", "relu"},         // the last row and column are not read
      {2, 3, 4, 1, 2, "same"},                  //
      {1, 12, 3, 32, 1, "same", "none", true},  // large sums
      {1, 9, 4, 12, 2, "same", "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const char* kernel : {"depthwise_conv_2d_s8_3x3_armv7em", "depthwise_conv_2d_s8_3x3_sliced_armv7em"}) {
    for (const Shapes& s : shapes) {
      // Up to one slice of channels the two need the same scratch.
      if (s.channels <= 4 && std::string_view(kernel).find("sliced") != std::string_view::npos) continue;
      cases.push_back(depthwise(s, 100 + static_cast<std::uint32_t>(cases.size()), kernel));
    }
  }
  expect_bit_exact_on("mps2-an386", std::move(cases), 2);
}

}  // namespace
}  // namespace mote
