// The specification of the float hyperbolic tangent in a plain loop.
#include "contract/math/elementary.h"
#include "device/kernels/tanh/tanh.h"

namespace mote::kernels {

void tanh_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = math::tanh_f32(x[i]);
}

}  // namespace mote::kernels
