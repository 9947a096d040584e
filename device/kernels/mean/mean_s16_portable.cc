// The specification of the s16 mean in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/mean/mean.h"
#include "device/kernels/mean/mean_loops.h"

namespace mote::kernels {

void mean_s16_portable(const MeanParams& p, const std::int16_t* x, std::int16_t* y) {
  for_each_mean(p, x, [&p, &y](const std::int16_t* first) {
    const std::int32_t acc = mean_sum(p, first, p.acc_offset);
    const std::int32_t q = p.out_offset + quant::requantize_double_rounding(acc, p.multiplier, p.shift);
    *y++ = static_cast<std::int16_t>(quant::clamp(q, -32768, 32767));
  });
}

}  // namespace mote::kernels
