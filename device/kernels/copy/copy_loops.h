// The loops of the strided copy, once for all element sizes.
#pragma once

#include <cstdint>

#include "contract/ops/copy_params.h"

namespace mote::kernels {

// Word is a struct of the element's size that may alias any type: the elements are floats, integers or bools.
template <class Word>
void copy_loops(const CopyParams& p, const Word* x, Word* y) {
  static_assert(kCopyRank == 6);
  const std::int32_t* n = p.extent;
  const std::int32_t* s = p.in_stride;
  const std::int32_t* t = p.out_stride;
  for (std::int32_t a = 0; a < n[0]; ++a) {
    for (std::int32_t b = 0; b < n[1]; ++b) {
      for (std::int32_t c = 0; c < n[2]; ++c) {
        for (std::int32_t d = 0; d < n[3]; ++d) {
          for (std::int32_t e = 0; e < n[4]; ++e) {
            const Word* from = x + (p.in_begin + a * s[0] + b * s[1] + c * s[2] + d * s[3] + e * s[4]);
            Word* to = y + (p.out_begin + a * t[0] + b * t[1] + c * t[2] + d * t[3] + e * t[4]);
            for (std::int32_t f = 0; f < n[5]; ++f) to[f * t[5]] = from[f * s[5]];
          }
        }
      }
    }
  }
}

}  // namespace mote::kernels
