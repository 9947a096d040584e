// The loops of gather, once for all element sizes.
#pragma once

#include <cstdint>

#include "contract/ops/gather_params.h"
#include "contract/quant/requantize.h"

namespace mote::kernels {

// Word is a struct of the element's size that may alias any type.
template <class Word>
void gather_loops(const GatherParams& p, const Word* x, const std::int32_t* index, Word* y) {
  for (std::int32_t o = 0; o < p.outer; ++o) {
    for (std::int32_t i = 0; i < p.indices; ++i) {
      const Word* row = x + (o * p.axis + quant::clamp(index[i], 0, p.axis - 1)) * p.inner;
      for (std::int32_t k = 0; k < p.inner; ++k) *y++ = row[k];
    }
  }
}

}  // namespace mote::kernels
