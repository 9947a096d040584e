// The specification of the float difference.
#include "device/kernels/broadcast.h"
#include "device/kernels/sub/sub.h"

namespace mote::kernels {

void sub_f32_portable(const BinaryF32Params& p, const float* a, const float* b, float* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    const float v = a[ia] - b[ib];
    y[iy] = v < p.clamp_min ? p.clamp_min : (v > p.clamp_max ? p.clamp_max : v);
  });
}

}  // namespace mote::kernels
