// What a fill kernel is told beside its tensor.
#pragma once

#include <cstdint>

namespace mote {

struct FillParams {
  std::int32_t count;
  std::int32_t bits;  // the element's bytes, as they lie in memory; those beyond its size are ignored
};

}  // namespace mote
