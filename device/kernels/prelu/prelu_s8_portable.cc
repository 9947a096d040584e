// The specification of the int8 parametric ReLU.
#include "contract/quant/requantize.h"
#include "device/kernels/broadcast.h"
#include "device/kernels/prelu/prelu.h"

namespace mote::kernels {

void prelu_s8_portable(const PreluParams& p, const std::int8_t* x, const std::int8_t* alpha, std::int8_t* y) {
  for_each_broadcast(p, [&](std::int32_t iy, std::int32_t ix, std::int32_t ia) {
    const std::int32_t v = x[ix] + p.a_offset;
    const std::int32_t scaled = v >= 0 ? quant::requantize_double_rounding(v, p.positive_multiplier, p.positive_shift)
                                       : quant::requantize_double_rounding(v * (alpha[ia] + p.b_offset),
                                                                           p.negative_multiplier, p.negative_shift);
    y[iy] = static_cast<std::int8_t>(quant::clamp(p.out_offset + scaled, -128, 127));
  });
}

}  // namespace mote::kernels
