// The specification of the int16 logistic function in a plain loop.
#include "contract/quant/sigmoid_table.h"
#include "device/kernels/logistic/logistic.h"

namespace mote::kernels {

void logistic_s16_portable(const SigmoidParams& p, const std::int16_t* x, std::int16_t* y) {
  const std::int32_t round = p.shift > 0 ? std::int32_t{1} << (p.shift - 1) : 0;
  for (std::int32_t i = 0; i < p.count; ++i) {
    const std::int32_t u = (x[i] * p.multiplier + round) >> p.shift;
    const std::int32_t magnitude = u < 0 ? -u : u;
    const std::int32_t h = magnitude >> 9;
    std::int32_t s = 0x7FFF << 10;
    if (h < 255) {
      const std::int32_t a = quant::kSigmoidTable.value[h];
      const std::int32_t b = quant::kSigmoidTable.value[h + 1];
      s = (a << 9) + (magnitude & 511) * (b - a);
    }
    const std::int32_t result = u >= 0 ? s + (1 << 9) : (1 << 25) - s + (1 << 9) - 1;
    y[i] = static_cast<std::int16_t>(result >> 10);  // in [0, 2^15 - 1]
  }
}

}  // namespace mote::kernels
