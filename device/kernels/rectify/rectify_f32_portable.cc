// The specification of float piecewise linear activations in a plain loop.
#include "device/kernels/rectify/rectify.h"

namespace mote::kernels {

void rectify_f32_portable(const RectifyF32Params& p, const float* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) {
    const float v = x[i] > 0.0F ? x[i] : x[i] * p.slope;
    y[i] = v < p.clamp_min ? p.clamp_min : (v > p.clamp_max ? p.clamp_max : v);
  }
}

}  // namespace mote::kernels
