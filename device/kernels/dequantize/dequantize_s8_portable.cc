// The specification of dequantisation of s8 in a plain loop.
#include "device/kernels/dequantize/dequantize.h"

namespace mote::kernels {

void dequantize_s8_portable(const DequantizeParams& p, const std::int8_t* x, float* y) {
  for (std::int32_t i = 0; i < p.count; ++i) y[i] = p.scale * static_cast<float>(x[i] - p.zero_point);
}

}  // namespace mote::kernels
