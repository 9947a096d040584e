// What the dequantisation kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

struct DequantizeParams {
  std::int32_t count;
  std::int32_t zero_point;
  float scale;
};

}  // namespace mote
