// The specification of the int8 squared difference.
#include "contract/quant/requantize.h"
#include "device/kernels/broadcast.h"
#include "device/kernels/squared_difference/squared_difference.h"

namespace mote::kernels {

void squared_difference_s8_portable(const SquaredDifferenceParams& p, const std::int8_t* a, const std::int8_t* b,
                                    std::int8_t* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ia, std::int32_t ib) {
    const std::int32_t va = quant::requantize_double_rounding((a[ia] + p.a_offset) * 128, p.a_multiplier, p.a_shift);
    const std::int32_t vb = quant::requantize_double_rounding((b[ib] + p.b_offset) * 128, p.b_multiplier, p.b_shift);
    const std::int32_t d = va - vb;
    const std::int32_t q = p.out_offset + quant::requantize_double_rounding(d * d, p.out_multiplier, p.out_shift);
    y[iy] = static_cast<std::int8_t>(quant::clamp(q, -128, 127));
  });
}

}  // namespace mote::kernels
