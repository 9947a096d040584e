// The specification of the int16 difference.
#include "device/kernels/broadcast.h"
#include "device/kernels/scaled_binary.h"
#include "device/kernels/sub/sub.h"

namespace mote::kernels {

void sub_s16_portable(const ScaledBinaryParams& p, const std::int16_t* a, const std::int16_t* b, std::int16_t* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    const ScaledOperands scaled = scale_operands(p, a[ia], b[ib]);
    y[iy] = static_cast<std::int16_t>(scale_result(p, scaled.a - scaled.b));  // in [-2^15, 2^15)
  });
}

}  // namespace mote::kernels
