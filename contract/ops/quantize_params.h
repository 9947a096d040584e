// What the quantisation kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

// From float.
struct QuantizeParams {
  std::int32_t count;
  float scale;
  std::int32_t zero_point;
};

// From integers to other integers.
struct RequantizeParams {
  std::int32_t count;
  std::int32_t in_offset;  // minus the input's zero point
  std::int32_t multiplier, shift;
  std::int32_t out_offset;  // the output's zero point
};

}  // namespace mote
