// The Armv7E-M convolution against the portable one, on an emulated Cortex-M4.
#include <gtest/gtest.h>

#include "host/ops/infer.h"
#include "tests/emulated_kernels.h"

namespace mote {
namespace {

using testing::KernelCase;

struct Shapes {
  std::int64_t batches, in_h, in_w, in_c, out_c, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  const char* padding = "same";
  const char* activation = "none";
  bool extreme = false;
};

std::int64_t out_size(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation, bool same) {
  return same ? (in + stride - 1) / stride : (in - (kernel - 1) * dilation - 1) / stride + 1;
}

KernelCase conv(const Shapes& s, std::uint32_t seed, const char* kernel = "conv_2d_s8_armv7em") {
  testing::RandomValues random(seed);
  testing::GraphBuilder b;
  const bool same = std::string_view(s.padding) == "same";
  testing::add_weighted_node(b, random, OpKind::conv_2d, {s.batches, s.in_h, s.in_w, s.in_c},
                             {s.out_c, s.kernel_h, s.kernel_w, s.in_c}, 0, s.kernel_h * s.kernel_w * s.in_c,
                             {s.batches, out_size(s.in_h, s.kernel_h, s.stride_h, s.dilation_h, same),
                              out_size(s.in_w, s.kernel_w, s.stride_w, s.dilation_w, same), s.out_c},
                             {{"stride_h", s.stride_h},
                              {"stride_w", s.stride_w},
                              {"dilation_h", s.dilation_h},
                              {"dilation_w", s.dilation_w},
                              {"padding", std::string(s.padding)},
                              {"activation", std::string(s.activation)}},
                             s.extreme);
  return {b.graph, kernel};
}

TEST(Conv2dS8Armv7em, IsBitExact) {
  const Shapes shapes[] = {
      {1, 5, 5, 8, 4, 1, 1, 1, 1, 1, 1},                           // pointwise, one step beyond the first three
      {1, 3, 3, 64, 16, 1, 1, 1, 1, 1, 1, "valid", "relu"},        // whole turns of the loop; nine pixels
      {1, 4, 4, 18, 6, 1, 1, 2, 2, 1, 1, "valid"},                 // whole turns and the first step; odd words
      {1, 1, 1, 7, 3, 1, 1, 1, 1, 1, 1},                           // one pixel, odd channels, tails
      {1, 1, 3, 1, 2, 1, 1, 1, 1, 1, 1},                           // three pixels, one tap
      {1, 3, 3, 3, 5, 1, 1, 1, 1, 1, 1, "valid", "relu6"},         // only tails
      {1, 9, 10, 1, 8, 4, 3, 2, 2, 1, 1, "same", "relu"},          // few channels
      {1, 8, 7, 3, 8, 3, 3, 2, 2, 1, 1, "same", "relu"},           // first layer of an image network
      {1, 6, 6, 16, 10, 3, 3, 1, 1, 1, 1, "same"},                 // general
      {2, 5, 4, 5, 7, 3, 2, 1, 2, 1, 1, "valid", "relu_n1_to_1"},  // batches, nothing aligned
      {1, 9, 9, 4, 4, 3, 3, 1, 1, 2, 3, "same"},                   // dilated
      {1, 9, 9, 4, 4, 3, 3, 1, 1, 2, 1, "valid"},                  // dilated along rows only
      {1, 2, 2, 6, 4, 5, 5, 1, 1, 1, 1, "same"},                   // kernel larger than the input
      {2, 1, 2, 300, 2, 1, 1, 1, 1, 1, 1, "same", "none", true},   // large sums
      {1, 7, 5, 8, 9, 1, 1, 1, 1, 1, 1, "valid", "relu"},          // several panels of two pixels, then an odd rest
      {1, 5, 3, 4, 1, 1, 1, 1, 1, 1, 1},                           // one channel, eight panels
      {1, 6, 5, 32, 13, 1, 1, 1, 1, 1, 1},                         //
      {1, 3, 9, 34, 8, 1, 1, 1, 1, 1, 1, "valid"},                 // whole turns after the first step alone
      {1, 4, 5, 48, 4, 3, 3, 1, 1, 1, 1, "same", "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const Shapes& s : shapes) cases.push_back(conv(s, static_cast<std::uint32_t>(cases.size())));
  expect_bit_exact_on("mps2-an386", std::move(cases), 1);
}

TEST(Conv2dS8WinogradArmv7em, IsBitExact) {
  const Shapes shapes[] = {
      {1, 8, 8, 16, 4, 3, 3, 1, 1, 1, 1},                           // four tiles
      {1, 5, 10, 32, 6, 3, 3, 1, 1, 1, 1, "same", "relu"},          // five tiles, an odd row
      {1, 7, 6, 48, 2, 3, 3, 1, 1, 1, 1, "valid", "relu6"},         // two tiles
      {2, 3, 18, 16, 8, 3, 3, 1, 1, 1, 1, "same", "relu_n1_to_1"},  // batches
      {1, 1, 2, 64, 2, 3, 3, 1, 1, 1, 1},                           // most is padding
      {1, 4, 8, 64, 4, 3, 3, 1, 1, 1, 1, "same", "none", true},     // large sums
      {1, 6, 16, 16, 16, 3, 3, 1, 1, 1, 1, "same", "relu", true},
  };
  std::vector<KernelCase> cases;
  for (const Shapes& s : shapes) {
    cases.push_back(conv(s, 300 + static_cast<std::uint32_t>(cases.size()), "conv_2d_s8_winograd_armv7em"));
  }
  expect_bit_exact_on("mps2-an386", std::move(cases), 1);
}

}  // namespace
}  // namespace mote
