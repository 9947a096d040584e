// The specification of the float logistic function in a plain loop.
#include "contract/math/elementary.h"
#include "device/kernels/logistic/logistic.h"

namespace mote::kernels {

void logistic_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = math::logistic_f32(x[i]);
}

}  // namespace mote::kernels
