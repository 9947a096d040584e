// What a kernel is told that computes every element alone and has no other parameter.
#pragma once

#include <cstdint>

namespace mote {

struct ElementwiseParams {
  std::int32_t count;
};

}  // namespace mote
