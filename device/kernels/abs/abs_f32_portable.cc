// Absolute values in a plain loop.
#include "device/kernels/abs/abs.h"

namespace mote::kernels {

void abs_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = x[i] < 0.0F ? -x[i] : x[i] + 0.0F;
}

}  // namespace mote::kernels
