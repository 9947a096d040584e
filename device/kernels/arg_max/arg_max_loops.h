// The loops of arg_max, once for all element types.
#pragma once

#include <cstdint>

#include "contract/ops/arg_max_params.h"

namespace mote::kernels {

template <class In>
void arg_max_loops(const ArgMaxParams& p, const In* x, std::int32_t* y) {
  for (std::int32_t o = 0; o < p.outer; ++o) {
    for (std::int32_t k = 0; k < p.inner; ++k) {
      const In* column = x + o * p.axis * p.inner + k;
      std::int32_t best = 0;
      for (std::int32_t a = 1; a < p.axis; ++a) {
        if (column[a * p.inner] > column[best * p.inner]) best = a;
      }
      *y++ = best;
    }
  }
}

}  // namespace mote::kernels
