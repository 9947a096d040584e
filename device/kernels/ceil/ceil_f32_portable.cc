// The smallest whole numbers above in a plain loop.
#include "contract/f32/round.h"
#include "device/kernels/ceil/ceil.h"

namespace mote::kernels {

void ceil_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = f32::ceil(x[i]);
}

}  // namespace mote::kernels
