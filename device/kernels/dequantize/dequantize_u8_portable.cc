// The specification of dequantisation of u8 in a plain loop.
#include "device/kernels/dequantize/dequantize.h"

namespace mote::kernels {

void dequantize_u8_portable(const DequantizeParams& p, const std::uint8_t* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = p.scale * static_cast<float>(x[i] - p.zero_point);
}

}  // namespace mote::kernels
