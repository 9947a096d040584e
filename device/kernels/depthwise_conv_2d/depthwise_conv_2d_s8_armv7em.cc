// int8 depthwise convolution for Armv7E-M, any kernel and multiplier.
#include <cstring>

#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d_s8_planes.h"

namespace mote::kernels {
namespace {

// floor((x * multiplier + 2^30) / 2^31). |x| <= 2^29.
struct RoundingDoublingHighMul {
  std::int32_t multiplier;

  [[nodiscard]] static RoundingDoublingHighMul of(std::int32_t multiplier) { return {multiplier}; }
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    std::int32_t high = 0;
    asm("smmulr %0, %1, %2" : "=r"(high) : "r"(2 * x), "r"(multiplier));
    return high;
  }
};

}  // namespace

// Pixels widen to [0, 255], weights to [-128, 127]: eight instructions for four taps.
template <>
struct planes::FourTaps<RoundingDoublingHighMul> {
  [[nodiscard]] static std::int32_t add(std::int32_t sum, const std::uint8_t* row, const std::int8_t* k) {
    std::uint32_t x = 0;
    std::uint32_t w = 0;
    std::memcpy(&x, row, sizeof x);
    std::memcpy(&w, k, sizeof w);
    std::uint32_t x_odd = 0;
    std::uint32_t w_odd = 0;
    asm("uxtb16 %0, %1, ror #8" : "=r"(x_odd) : "r"(x));
    asm("sxtb16 %0, %1, ror #8" : "=r"(w_odd) : "r"(w));
    asm("uxtb16 %0, %0" : "+r"(x));
    asm("sxtb16 %0, %0" : "+r"(w));
    asm("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(w));
    asm("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x_odd), "r"(w_odd));
    return sum;
  }
};

namespace {

void line_3x3(const planes::Line& line) {
  const auto requantize = isa::Requantize<RoundingDoublingHighMul>::of_words(line.record + 1);
  const auto* const k = static_cast<const std::int8_t*>(static_cast<const void*>(line.record + 4));
  // Of a row the first two weights in a word, and the third.
  std::uint32_t pair[3];
  std::int32_t single[3];
  for (std::int32_t i = 0; i < 3; ++i) {
    pair[i] = (static_cast<std::uint32_t>(k[3 * i]) & 0xFFFF) | static_cast<std::uint32_t>(k[3 * i + 1]) << 16;
    single[i] = k[3 * i + 2];
  }
  const std::int32_t bias = line.record[0];
  const std::int32_t clamp_min = line.clamp_min;
  const std::int32_t clamp_max = line.clamp_max;
  const std::uint8_t* rows[3] = {line.rows[0], line.rows[1], line.rows[2]};
  for (std::int8_t* y = line.y; y != line.y_end; y += line.y_step) {
    std::int32_t acc = bias;
    for (std::int32_t i = 0; i < 3; ++i) {
      const std::uint8_t* const row = rows[i];
      const std::uint32_t x = row[0] | static_cast<std::uint32_t>(row[1]) << 16;
      asm("smlad %0, %1, %2, %0" : "+r"(acc) : "r"(x), "r"(pair[i]));
      acc += row[2] * single[i];
      rows[i] += line.stride;
    }
    *y = static_cast<std::int8_t>(quant::clamp(requantize(acc), clamp_min, clamp_max));  // in [-128, 127]
  }
}

}  // namespace

void depthwise_conv_2d_s8_armv7em(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y) {
  planes::depthwise_conv_2d_s8<RoundingDoublingHighMul>(p, x, packed, scratch, y, line_3x3);
}

}  // namespace mote::kernels
