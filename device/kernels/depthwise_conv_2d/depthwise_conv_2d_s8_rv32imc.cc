// int8 depthwise convolution for RV32IMC.
#include "device/isa/rv32imc.h"
#include "device/kernels/depthwise_conv_2d/depthwise_conv_2d_s8_planes.h"

namespace mote::kernels {
namespace {

using isa::RoundingDoublingHighMul;

void line_3x3(const planes::Line& line) {
#define MOTE_TAP(ROW, COLUMN, WEIGHT) \
  "lbu %[f], " COLUMN "(%[" ROW       \
  "])\n"                              \
  "mul %[f], %[f], %[" WEIGHT         \
  "]\n"                               \
  "add %[acc], %[acc], %[f]\n"
  const auto requantize = isa::Requantize<RoundingDoublingHighMul>::of_words(line.record + 1);
  const auto* const k = static_cast<const std::int8_t*>(static_cast<const void*>(line.record + 4));
  const std::int32_t k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3], k4 = k[4], k5 = k[5], k6 = k[6], k7 = k[7], k8 = k[8];
  // Copies, which writing to y cannot change.
  const std::int32_t bias = line.record[0];
  const std::int32_t stride = line.stride;
  const std::int32_t y_step = line.y_step;
  const std::int32_t clamp_min = line.clamp_min;
  const std::int32_t clamp_max = line.clamp_max;
  const std::uint8_t* r0 = line.rows[0];
  const std::uint8_t* r1 = line.rows[1];
  const std::uint8_t* r2 = line.rows[2];
  std::int8_t* y = line.y;
  for (std::int8_t* const end = line.y_end; y != end; y += y_step) {
    // Left to itself the compiler loads all factors first and runs out of registers.
    std::int32_t acc = bias;
    std::int32_t f = 0;
    asm(MOTE_TAP("r0", "0", "k0") MOTE_TAP("r0", "1", "k1") MOTE_TAP("r0", "2", "k2")  //
        MOTE_TAP("r1", "0", "k3") MOTE_TAP("r1", "1", "k4") MOTE_TAP("r1", "2", "k5")  //
        MOTE_TAP("r2", "0", "k6") MOTE_TAP("r2", "1", "k7") MOTE_TAP("r2", "2", "k8")  //
        : [acc] "+&r"(acc), [f] "=&r"(f)
        : [r0] "r"(r0), [r1] "r"(r1), [r2] "r"(r2), [k0] "r"(k0), [k1] "r"(k1), [k2] "r"(k2), [k3] "r"(k3),
          [k4] "r"(k4), [k5] "r"(k5), [k6] "r"(k6), [k7] "r"(k7), [k8] "r"(k8)
        : "memory");
    r0 += stride;
    r1 += stride;
    r2 += stride;
    *y = static_cast<std::int8_t>(quant::clamp(requantize(acc), clamp_min, clamp_max));  // in [-128, 127]
  }
#undef MOTE_TAP
}

}  // namespace

void depthwise_conv_2d_s8_rv32imc(const DepthwiseConv2dParams& p, const std::int8_t* x, const std::int32_t* packed,
                                  std::uint8_t* scratch, std::int8_t* y) {
  planes::depthwise_conv_2d_s8<RoundingDoublingHighMul>(p, x, packed, scratch, y, line_3x3);
}

}  // namespace mote::kernels
