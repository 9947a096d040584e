// The specification of the int8 sequence in plain loops.
#include "contract/quant/requantize.h"
#include "device/kernels/sigmoid_s16.h"
#include "device/kernels/unidirectional_sequence_lstm/unidirectional_sequence_lstm.h"

namespace mote::kernels {
namespace {

std::int32_t saturated(std::int32_t x) { return quant::clamp(x, -32768, 32767); }

std::int32_t scaled(std::int32_t x, std::int32_t multiplier, std::int32_t shift) {
  return saturated(quant::requantize_double_rounding(x, multiplier, shift));
}

}  // namespace

void unidirectional_sequence_lstm_s8_portable(const LstmParams& p, const std::int8_t* x, const std::int8_t* w,
                                              const std::int32_t* b, const std::int8_t* h, const std::int16_t* c,
                                              std::int8_t* y, std::int8_t* next_h, std::int16_t* next_c) {
  constexpr std::int32_t kArgument = 3;  // 2^-12 as an argument of sigmoid and tanh
  for (std::int32_t t = 0; t < p.steps; ++t) {
    const std::int8_t* in = x + t * p.features;
    const std::int8_t* hidden = t == 0 ? h : y + (t - 1) * p.units;
    const std::int16_t* cell = t == 0 ? c : next_c;
    for (std::int32_t u = 0; u < p.units; ++u) {
      std::int32_t gate[4];
      for (std::int32_t g = 0; g < 4; ++g) {
        const std::int8_t* weights = w + (g * p.units + u) * (p.features + p.units);
        std::int32_t from_input = b[g * p.units + u];
        for (std::int32_t i = 0; i < p.features; ++i) from_input += (in[i] + p.in_offset) * weights[i];
        std::int32_t from_state = 0;
        for (std::int32_t i = 0; i < p.units; ++i) from_state += (hidden[i] + p.state_offset) * weights[p.features + i];
        gate[g] = saturated(scaled(from_input, p.in_multiplier[g], p.in_shift[g]) +
                            scaled(from_state, p.state_multiplier[g], p.state_shift[g]));
      }
      const std::int32_t input_gate = logistic_s16(gate[0], kArgument, 0);
      const std::int32_t forget_gate = logistic_s16(gate[1], kArgument, 0);
      const std::int32_t cell_gate = tanh_s16(gate[2], kArgument, 0);
      const std::int32_t output_gate = logistic_s16(gate[3], kArgument, 0);
      std::int32_t value = saturated(scaled(forget_gate * cell[u], p.forget_multiplier, p.forget_shift) +
                                     scaled(input_gate * cell_gate, p.update_multiplier, p.update_shift));
      if (p.cell_clip > 0) value = quant::clamp(value, -p.cell_clip, p.cell_clip);
      next_c[u] = static_cast<std::int16_t>(value);
      const std::int32_t product = output_gate * tanh_s16(value, p.tanh_multiplier, p.tanh_shift);
      const std::int32_t out =
          quant::requantize_double_rounding(product, p.out_multiplier, p.out_shift) - p.state_offset;
      y[t * p.units + u] = static_cast<std::int8_t>(quant::clamp(out, -128, 127));
    }
  }
  for (std::int32_t u = 0; u < p.units; ++u) next_h[u] = y[(p.steps - 1) * p.units + u];
}

}  // namespace mote::kernels
