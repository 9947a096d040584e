// The specification of conversion of s16 to s8.
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/quantize_loops.h"

namespace mote::kernels {

void quantize_s16_s8_portable(const RequantizeParams& p, const std::int16_t* x, std::int8_t* y) {
  requantize_loop(p, x, y);
}

}  // namespace mote::kernels
