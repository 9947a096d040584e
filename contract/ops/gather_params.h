// What the gather kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

// x is [outer, axis, inner], y [outer, indices, inner].
struct GatherParams {
  std::int32_t outer, axis, inner;
  std::int32_t indices;
};

}  // namespace mote
