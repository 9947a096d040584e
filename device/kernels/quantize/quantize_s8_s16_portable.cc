// The specification of conversion of s8 to s16.
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/quantize_loops.h"

namespace mote::kernels {

void quantize_s8_s16_portable(const RequantizeParams& p, const std::int8_t* x, std::int16_t* y) {
  requantize_loop(p, x, y);
}

}  // namespace mote::kernels
