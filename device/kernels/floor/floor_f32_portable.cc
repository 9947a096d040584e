// The largest whole numbers below in a plain loop.
#include "contract/f32/round.h"
#include "device/kernels/floor/floor.h"

namespace mote::kernels {

void floor_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = f32::floor(x[i]);
}

}  // namespace mote::kernels
