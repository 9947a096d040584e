// What the kernels of the ReLU family are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

struct RectifyParams {
  std::int32_t count;
  std::int32_t in_offset;  // minus the input's zero point
  std::int32_t positive_multiplier, positive_shift;
  std::int32_t negative_multiplier, negative_shift;  // the multiplier may be below 0
  std::int32_t out_offset;                           // the output's zero point
  std::int32_t clamp_min, clamp_max;
};

struct RectifyF32Params {
  std::int32_t count;
  float slope;
  float clamp_min, clamp_max;
};

}  // namespace mote
