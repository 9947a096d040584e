// The walk over an output and its two broadcast operands, shared by element-wise kernels.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote::kernels {

// Calls element(y, a, b) with the indices of every output element and its operands, in the output's order.
template <class Params, class Element>
inline void for_each_broadcast(const Params& p, Element element) {
  std::int32_t at[kBroadcastRank] = {};
  std::int32_t a = 0;
  std::int32_t b = 0;
  for (std::int32_t y = 0; y < p.count; ++y) {
    element(y, a, b);
    for (int d = kBroadcastRank - 1; d >= 0; --d) {
      a += p.a_stride[d];
      b += p.b_stride[d];
      if (++at[d] < p.extent[d]) break;
      at[d] = 0;
      a -= p.a_stride[d] * p.extent[d];
      b -= p.b_stride[d] * p.extent[d];
    }
  }
}

}  // namespace mote::kernels
