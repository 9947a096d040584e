// What a fully connected kernel is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

struct FullyConnectedParams {
  std::int32_t rows;        // independent input vectors
  std::int32_t depth;       // elements of one
  std::int32_t units;       // outputs of one
  std::int32_t scale_step;  // 1: a multiplier and shift per unit; 0: one in all
  std::int32_t in_offset;   // minus the input's zero point
  std::int32_t out_offset;  // the output's zero point
  std::int32_t clamp_min, clamp_max;
};

// The same without quantisation.
struct FullyConnectedF32Params {
  std::int32_t rows;
  std::int32_t depth;
  std::int32_t units;
  float clamp_min, clamp_max;
};

}  // namespace mote
