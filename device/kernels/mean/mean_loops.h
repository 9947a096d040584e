// The loops of the mean, once for all element types.
#pragma once

#include <cstdint>

#include "contract/ops/mean_params.h"

namespace mote::kernels {

// The sum that starts at x.
template <class Params, class In, class Acc>
Acc mean_sum(const Params& p, const In* x, Acc acc) {
  static_assert(kMeanAxes == 4);
  const std::int32_t* n = p.sum_extent;
  const std::int32_t* s = p.sum_stride;
  for (std::int32_t a = 0; a < n[0]; ++a) {
    for (std::int32_t b = 0; b < n[1]; ++b) {
      for (std::int32_t c = 0; c < n[2]; ++c) {
        for (std::int32_t d = 0; d < n[3]; ++d) acc += x[a * s[0] + b * s[1] + c * s[2] + d * s[3]];
      }
    }
  }
  return acc;
}

// Calls emit(first element) for every output in row-major order.
template <class Params, class In, class Emit>
void for_each_mean(const Params& p, const In* x, Emit&& emit) {
  const std::int32_t* n = p.keep_extent;
  const std::int32_t* s = p.keep_stride;
  for (std::int32_t a = 0; a < n[0]; ++a) {
    for (std::int32_t b = 0; b < n[1]; ++b) {
      for (std::int32_t c = 0; c < n[2]; ++c) {
        for (std::int32_t d = 0; d < n[3]; ++d) emit(x + a * s[0] + b * s[1] + c * s[2] + d * s[3]);
      }
    }
  }
}

}  // namespace mote::kernels
