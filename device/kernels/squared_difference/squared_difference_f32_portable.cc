// The specification of the float squared difference.
#include "device/kernels/broadcast.h"
#include "device/kernels/squared_difference/squared_difference.h"

namespace mote::kernels {

void squared_difference_f32_portable(const BroadcastParams& p, const float* a, const float* b, float* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    const float d = a[ia] - b[ib];
    y[iy] = d * d;
  });
}

}  // namespace mote::kernels
