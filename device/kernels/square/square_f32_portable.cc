// Squares in a plain loop.
#include "device/kernels/square/square.h"

namespace mote::kernels {

void square_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = x[i] * x[i];
}

}  // namespace mote::kernels
