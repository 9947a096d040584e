// The nearest whole numbers in a plain loop.
#include "contract/f32/round.h"
#include "device/kernels/round/round.h"

namespace mote::kernels {

void round_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = f32::round_half_even(x[i]);
}

}  // namespace mote::kernels
