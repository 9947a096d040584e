// What a depthwise 2-D convolution kernel is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

struct DepthwiseConv2dParams {
  std::int32_t batches;
  std::int32_t in_h, in_w, in_c;
  std::int32_t out_h, out_w, out_c;
  std::int32_t kernel_h, kernel_w;
  std::int32_t stride_h, stride_w;
  std::int32_t dilation_h, dilation_w;
  std::int32_t pad_top, pad_left;  // elements before the first row and column; those after follow from out_h, out_w
  std::int32_t depth_multiplier;   // out_c / in_c
  std::int32_t in_offset;          // minus the input's zero point
  std::int32_t out_offset;         // the output's zero point
  std::int32_t clamp_min, clamp_max;
};

// The same without quantisation.
struct DepthwiseConv2dF32Params {
  std::int32_t batches;
  std::int32_t in_h, in_w, in_c;
  std::int32_t out_h, out_w, out_c;
  std::int32_t kernel_h, kernel_w;
  std::int32_t stride_h, stride_w;
  std::int32_t dilation_h, dilation_w;
  std::int32_t pad_top, pad_left;
  std::int32_t depth_multiplier;
  float clamp_min, clamp_max;
};

}  // namespace mote
