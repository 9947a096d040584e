// The specification of float hard swish in a plain loop.
#include "device/kernels/hard_swish/hard_swish.h"

namespace mote::kernels {

void hard_swish_f32_portable(const ElementwiseParams& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) {
    const float shifted = x[i] + 3.0F;
    const float factor = shifted < 0.0F ? 0.0F : (shifted > 6.0F ? 6.0F : shifted);
    y[i] = x[i] * factor / 6.0F;
  }
}

}  // namespace mote::kernels
