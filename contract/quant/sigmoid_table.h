// The 256-entry sigmoid table that int16 logistic and tanh interpolate in.
// Source  TFLite's int16 reference: sigmoid(i / 24) in unsigned 0.16 fixed point. Its entries lie above the function by
//         half the depth to which a chord of a curve sags, -f''/16 per entry, which halves the error of interpolation;
//         proven against outputs of the tflite-micro wheel for all 65536 inputs
#pragma once

#include <cstdint>

namespace mote::quant {

struct SigmoidTable {
  std::uint16_t value[256];
};

// Computed by the compiler, so that no number is copied: round(2^16 * (f - f''/16)); the last entry is 2^16 - 1, where
// the users of the table saturate.
[[nodiscard]] constexpr SigmoidTable make_sigmoid_table() {
  double step = 1.0;  // e^(-1/24) by Taylor's series
  double term = 1.0;
  for (int k = 1; k <= 12; ++k) {
    term *= -1.0 / 24.0 / k;
    step += term;
  }
  SigmoidTable table{};
  double e = 1.0;
  for (std::uint16_t& value : table.value) {
    const double f = 1.0 / (1.0 + e);
    const double second_difference = f * (1.0 - f) * (1.0 - 2.0 * f) / (24.0 * 24.0);
    const auto rounded =
        // NOLINTNEXTLINE(bugprone-incorrect-roundings): the number is positive, and lround is not constexpr
        static_cast<std::uint32_t>(65536.0 * (f - second_difference / 16.0) + 0.5);  // in [2^15, 2^16 - 2]
    value = static_cast<std::uint16_t>(rounded);
    e *= step;
  }
  table.value[255] = 65535;
  return table;
}

inline constexpr SigmoidTable kSigmoidTable = make_sigmoid_table();

}  // namespace mote::quant
