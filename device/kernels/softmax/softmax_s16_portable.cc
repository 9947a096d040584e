// The specification of int16 softmax in plain loops.
#include "contract/quant/fixed_point_math.h"
#include "device/kernels/softmax/softmax.h"

namespace mote::kernels {

void softmax_s16_portable(const SoftmaxParams& p, const std::int16_t* x, const std::int16_t* exp_table,
                          const std::int16_t* reciprocal_table, std::int16_t* y) {
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, y += p.depth) {
    std::int32_t largest = -32768;
    for (std::int32_t c = 0; c < p.depth; ++c) largest = x[c] > largest ? x[c] : largest;
    std::int32_t sum = 0;
    for (std::int32_t c = 0; c < p.depth; ++c) {
      const std::int32_t diff = quant::requantize_double_rounding(x[c] - largest, p.multiplier, p.shift);
      y[c] = quant::interpolate_table_513(exp_table, quant::clamp(diff + 32767, -32768, 32767));
      sum += y[c];
    }
    // sum = (1 + a) * 2^(31 - headroom): a in [0, 1), in units of 2^-16 around the table's middle.
    const int headroom = quant::count_leading_zeros(static_cast<std::uint32_t>(sum));  // in [1, 17]
    const auto normalised =
        static_cast<std::int32_t>(((static_cast<std::int64_t>(sum) << (headroom - 1)) + (1 << 13)) >> 14);
    const std::int32_t a = quant::clamp(normalised - (1 << 15) - (1 << 16), -32768, 32767);
    const std::int32_t reciprocal = quant::interpolate_table_513(reciprocal_table, a);
    const int shift = 31 - headroom;  // in [14, 30]
    for (std::int32_t c = 0; c < p.depth; ++c) {
      const std::int64_t product = static_cast<std::int64_t>(y[c]) * reciprocal;
      const auto quotient = static_cast<std::int32_t>((product + (std::int64_t{1} << (shift - 1))) >> shift);
      y[c] = static_cast<std::int16_t>(quant::clamp(quotient, 0, 32767));
    }
  }
}

}  // namespace mote::kernels
