// What the arg_max kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

// x is [outer, axis, inner], y [outer, inner].
struct ArgMaxParams {
  std::int32_t outer, axis, inner;
};

}  // namespace mote
