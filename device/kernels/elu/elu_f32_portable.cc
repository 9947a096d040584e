// The specification of the float exponential linear unit in a plain loop.
#include "contract/math/elementary.h"
#include "device/kernels/elu/elu.h"

namespace mote::kernels {

void elu_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = x[i] < 0.0F ? math::expm1_f32(x[i]) : x[i];
}

}  // namespace mote::kernels
