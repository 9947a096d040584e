// The specification of the int16 fully connected layer in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels {

void fully_connected_s16_portable(const FullyConnectedParams& p, const std::int16_t* x, const std::int8_t* k,
                                  const std::int64_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                  std::int16_t* y) {
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth) {
    const std::int8_t* w = k;
    for (std::int32_t u = 0; u < p.units; ++u, w += p.depth) {
      std::int64_t acc = b[u];
      for (std::int32_t d = 0; d < p.depth; ++d) acc += (x[d] + p.in_offset) * w[d];
      const std::int32_t scale = u * p.scale_step;
      const std::int32_t q = p.out_offset + quant::requantize_s64_single_rounding(acc, multiplier[scale], shift[scale]);
      *y++ = static_cast<std::int16_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-2^15, 2^15)
    }
  }
}

}  // namespace mote::kernels
