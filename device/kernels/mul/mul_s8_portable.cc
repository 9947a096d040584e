// The specification of the int8 product.
#include "contract/quant/requantize.h"
#include "device/kernels/broadcast.h"
#include "device/kernels/mul/mul.h"

namespace mote::kernels {

void mul_s8_portable(const ProductParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    const std::int32_t product = (a[ia] + p.a_offset) * (b[ib] + p.b_offset);
    const std::int32_t q = p.out_offset + quant::requantize_double_rounding(product, p.out_multiplier, p.out_shift);
    y[iy] = static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
  });
}

}  // namespace mote::kernels
