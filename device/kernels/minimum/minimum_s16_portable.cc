// The specification of the s16 minimum.
#include "device/kernels/broadcast.h"
#include "device/kernels/minimum/minimum.h"

namespace mote::kernels {

void minimum_s16_portable(const BroadcastParams& p, const std::int16_t* a, const std::int16_t* b, std::int16_t* y) {
  for_each_broadcast(p,
                     [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) { y[iy] = a[ia] < b[ib] ? a[ia] : b[ib]; });
}

}  // namespace mote::kernels
