// The specification of the s8 maximum.
#include "device/kernels/broadcast.h"
#include "device/kernels/maximum/maximum.h"

namespace mote::kernels {

void maximum_s8_portable(const BroadcastParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  for_each_broadcast(p,
                     [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) { y[iy] = a[ia] > b[ib] ? a[ia] : b[ib]; });
}

}  // namespace mote::kernels
