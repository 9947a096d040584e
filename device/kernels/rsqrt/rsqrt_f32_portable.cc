// The specification of the float reciprocal square root in a plain loop.
#include "contract/math/elementary.h"
#include "device/kernels/rsqrt/rsqrt.h"

namespace mote::kernels {

void rsqrt_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = math::rsqrt_f32(x[i]);
}

}  // namespace mote::kernels
