// The specification of the float fully connected layer in plain loops.
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels {

void fully_connected_f32_portable(const FullyConnectedF32Params& p, const float* x, const float* k, const float* b,
                                  float* y) {
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth) {
    const float* w = k;
    for (std::int32_t u = 0; u < p.units; ++u, w += p.depth) {
      float acc = 0.0F;
      for (std::int32_t d = 0; d < p.depth; ++d) acc += x[d] * w[d];
      const float v = acc + b[u];
      *y++ = v < p.clamp_min ? p.clamp_min : (v > p.clamp_max ? p.clamp_max : v);
    }
  }
}

}  // namespace mote::kernels
