// The specification of conversion of s16 to s32.
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/quantize_loops.h"

namespace mote::kernels {

void quantize_s16_s32_portable(const RequantizeParams& p, const std::int16_t* x, std::int32_t* y) {
  requantize_loop(p, x, y);
}

}  // namespace mote::kernels
