// The MVE depthwise 3x3 convolution against the portable one, on an
// emulated Cortex-M55.
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

KernelCase depthwise(const Shapes& s, std::uint32_t seed) {
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
  return {b.graph, "depthwise_conv_2d_s8_3x3_mve"};
}

TEST(DepthwiseConv2dS8Mve, IsBitExact) {
  const Shapes shapes[] = {
      {1, 5, 5, 8, 1, "same", "relu"},           // odd rows and columns: the last tiles overlap
      {1, 6, 7, 4, 1},                           // even rows
      {1, 6, 6, 13, 1, "valid", "relu6"},        //
      {1, 2, 2, 3, 1, "same"},                   // one tile
      {1, 40, 3, 5, 1, "same", "relu_n1_to_1"},  // several strips, several times
      {2, 4, 3, 20, 1, "same"},                  // batches, two blocks of channels
      {1, 4, 31, 16, 1, "same", "relu"},         // strips one by one
      {1, 8, 8, 8, 2, "same", "relu"},           // stride 2, padding below and to the right only
      {1, 7, 7, 6, 2, "same"},                   // stride 2, padding all around
      {1, 7, 9, 4, 2, "valid"},                  //
      {1, 8, 30, 4, 2, "valid", "relu"},         // the last row and column are not read
      {2, 3, 11, 1, 2, "same"},                  //
      {1, 12, 3, 35, 1, "same", "none", true},   // large sums
      {1, 9, 10, 17, 2, "same", "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const Shapes& s : shapes) cases.push_back(depthwise(s, 100 + static_cast<std::uint32_t>(cases.size())));
  expect_bit_exact_on("mps3-an547", std::move(cases), 2);
}

}  // namespace
}  // namespace mote
