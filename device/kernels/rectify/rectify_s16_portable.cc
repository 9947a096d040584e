// The specification of int16 piecewise linear activations in a plain loop.
#include "contract/quant/requantize.h"
#include "device/kernels/rectify/rectify.h"

namespace mote::kernels {

void rectify_s16_portable(const RectifyParams& p, const std::int16_t* x, std::int16_t* y) {
  for (std::int32_t i = 0; i < p.count; ++i) {
    const std::int32_t v = x[i] + p.in_offset;
    const std::int32_t scaled = v >= 0 ? quant::requantize_double_rounding(v, p.positive_multiplier, p.positive_shift)
                                       : quant::requantize_double_rounding(v, p.negative_multiplier, p.negative_shift);
    y[i] = static_cast<std::int16_t>(quant::clamp(p.out_offset + scaled, p.clamp_min, p.clamp_max));  // within int16
  }
}

}  // namespace mote::kernels
