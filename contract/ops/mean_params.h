// What the mean kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

inline constexpr int kMeanAxes = 4;

// The input's dimensions, kept ones and summed ones apart, with the distance in elements between neighbours. Adjacent
// dimensions of a kind are one; unused ones have extent 1 and come first.
struct MeanParams {
  std::int32_t keep_extent[kMeanAxes];
  std::int32_t keep_stride[kMeanAxes];
  std::int32_t sum_extent[kMeanAxes];
  std::int32_t sum_stride[kMeanAxes];
  std::int32_t acc_offset;         // minus the input's zero point, once per summed element
  std::int32_t multiplier, shift;  // the ratio of the scales over the number of summed elements
  std::int32_t out_offset;         // the output's zero point
};

struct MeanF32Params {
  std::int32_t keep_extent[kMeanAxes];
  std::int32_t keep_stride[kMeanAxes];
  std::int32_t sum_extent[kMeanAxes];
  std::int32_t sum_stride[kMeanAxes];
  float count;  // summed elements per output
};

}  // namespace mote
