// The specification of the int32 difference.
#include "device/kernels/broadcast.h"
#include "device/kernels/sub/sub.h"

namespace mote::kernels {

void sub_s32_portable(const BroadcastParams& p, const std::int32_t* a, const std::int32_t* b, std::int32_t* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    // Unsigned, so that overflow wraps.
    y[iy] = static_cast<std::int32_t>(static_cast<std::uint32_t>(a[ia]) - static_cast<std::uint32_t>(b[ib]));
  });
}

}  // namespace mote::kernels
