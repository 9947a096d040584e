// One element of a quantised sum or difference, shared by add and sub.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"
#include "contract/quant/requantize.h"

namespace mote::kernels {

// Both operands at the same scale, left_shift bits finer than the larger of theirs.
struct ScaledOperands {
  std::int32_t a, b;
};

inline ScaledOperands scale_operands(const ScaledBinaryParams& p, std::int32_t a, std::int32_t b) {
  // |operand + offset| <= 2^8 with left_shift 20, or 2^15 with left_shift 15: below 2^31.
  return {quant::requantize_double_rounding((a + p.a_offset) * (1 << p.left_shift), p.a_multiplier, p.a_shift),
          quant::requantize_double_rounding((b + p.b_offset) * (1 << p.left_shift), p.b_multiplier, p.b_shift)};
}

inline std::int32_t scale_result(const ScaledBinaryParams& p, std::int32_t raw) {
  const std::int32_t q = p.out_offset + quant::requantize_double_rounding(raw, p.out_multiplier, p.out_shift);
  return quant::clamp(q, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
