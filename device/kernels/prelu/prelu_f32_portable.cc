// The specification of the float parametric ReLU.
#include "device/kernels/broadcast.h"
#include "device/kernels/prelu/prelu.h"

namespace mote::kernels {

void prelu_f32_portable(const BroadcastParams& p, const float* x, const float* alpha, float* y) {
  for_each_broadcast(
      p, [&](std::int32_t iy, std::int32_t ix, std::int32_t ia) { y[iy] = x[ix] >= 0.0F ? x[ix] : x[ix] * alpha[ia]; });
}

}  // namespace mote::kernels
