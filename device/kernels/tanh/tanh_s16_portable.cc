// The specification of the int16 hyperbolic tangent in a plain loop.
#include "device/kernels/sigmoid_s16.h"
#include "device/kernels/tanh/tanh.h"

namespace mote::kernels {

void tanh_s16_portable(const SigmoidParams& p, const std::int16_t* x, std::int16_t* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = tanh_s16(x[i], p.multiplier, p.shift);
}

}  // namespace mote::kernels
