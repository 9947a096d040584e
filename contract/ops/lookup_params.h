// What a table lookup kernel is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

struct LookupParams {
  std::int32_t count;
};

}  // namespace mote
