// What a pooling kernel is told beside its tensors; average_pool_2d and max_pool_2d share it.
#pragma once

#include <cstdint>

namespace mote {

struct Pool2dParams {
  std::int32_t batches;
  std::int32_t in_h, in_w;
  std::int32_t out_h, out_w;
  std::int32_t channels;
  std::int32_t kernel_h, kernel_w;
  std::int32_t stride_h, stride_w;
  std::int32_t pad_top, pad_left;
  std::int32_t clamp_min, clamp_max;
};

// The same without quantisation.
struct Pool2dF32Params {
  std::int32_t batches;
  std::int32_t in_h, in_w;
  std::int32_t out_h, out_w;
  std::int32_t channels;
  std::int32_t kernel_h, kernel_w;
  std::int32_t stride_h, stride_w;
  std::int32_t pad_top, pad_left;
  float clamp_min, clamp_max;
};

}  // namespace mote
