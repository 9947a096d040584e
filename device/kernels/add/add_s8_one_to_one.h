// The int8 sum for cores without SIMD. The operand with the larger scale is only shifted. An instruction set adds its
// high multiplication.
#pragma once

#include <cstdint>

#include "contract/quant/requantize.h"
#include "device/isa/scalar.h"
#include "device/kernels/add/add.h"

namespace mote::kernels::one_to_one {

template <class HighMul, class Smaller>
void sum(const ScaledBinaryParams& p, const std::int8_t* larger, std::int32_t larger_offset, const std::int8_t* smaller,
         const Smaller& scaled, std::int8_t* y) {
  const auto requantize = isa::Requantize<HighMul>::of(p.out_multiplier, -p.out_shift, p.out_offset);
  const std::int32_t offset = larger_offset * (1 << 19);
  for (std::int8_t* const end = y + p.count; y != end;) {
    const std::int32_t q = requantize(*larger++ * (1 << 19) + offset + scaled(*smaller++));
    *y++ = static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
  }
}

template <class HighMul>
void add_s8(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  const bool a_is_larger = is_half(p.a_multiplier, p.a_shift);
  const std::int8_t* const larger = a_is_larger ? a : b;
  const std::int8_t* const smaller = a_is_larger ? b : a;
  const std::int32_t multiplier = a_is_larger ? p.b_multiplier : p.a_multiplier;
  const std::int32_t shift = a_is_larger ? p.b_shift : p.a_shift;
  const std::int32_t larger_offset = a_is_larger ? p.a_offset : p.b_offset;
  const std::int32_t smaller_offset = a_is_larger ? p.b_offset : p.a_offset;
  if (shift == 0) {  // of equal scales
    sum<HighMul>(p, larger, larger_offset + smaller_offset, smaller, [](std::int32_t v) { return v * (1 << 19); }, y);
  } else {
    const auto requantize = isa::Requantize<HighMul>::of(multiplier, -shift, 0);
    const std::int32_t offset = smaller_offset * (1 << 20);  // |v + zero point| <= 2^8
    sum<HighMul>(
        p, larger, larger_offset, smaller, [&](std::int32_t v) { return requantize(v * (1 << 20) + offset); }, y);
  }
}

}  // namespace mote::kernels::one_to_one
