// Negated values in a plain loop.
#include "device/kernels/neg/neg.h"

namespace mote::kernels {

void neg_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = -x[i];
}

}  // namespace mote::kernels
