// The specification of the s8 mean in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/mean/mean.h"
#include "device/kernels/mean/mean_loops.h"

namespace mote::kernels {

void mean_s8_portable(const MeanParams& p, const std::int8_t* x, std::int8_t* y) {
  for_each_mean(p, x, [&p, &y](const std::int8_t* first) {
    const std::int32_t acc = mean_sum(p, first, p.acc_offset);
    const std::int32_t q = p.out_offset + quant::requantize_double_rounding(acc, p.multiplier, p.shift);
    *y++ = static_cast<std::int8_t>(quant::clamp(q, -128, 127));
  });
}

}  // namespace mote::kernels
