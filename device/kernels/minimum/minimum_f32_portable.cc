// The specification of the f32 minimum.
#include "device/kernels/broadcast.h"
#include "device/kernels/minimum/minimum.h"

namespace mote::kernels {

void minimum_f32_portable(const BroadcastParams& p, const float* a, const float* b, float* y) {
  for_each_broadcast(p,
                     [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) { y[iy] = a[ia] < b[ib] ? a[ia] : b[ib]; });
}

}  // namespace mote::kernels
