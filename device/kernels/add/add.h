// Sum of two tensors, either of them broadcast.
#pragma once

#include <cstdint>

#include "contract/ops/binary_params.h"

namespace mote::kernels {

// int8, a and b at the indices that y's index broadcasts to.
//   a' = requantize_double_rounding((a + a_offset) * 2^left_shift, a_multiplier, a_shift)     b' likewise
//   y  = clamp(out_offset + requantize_double_rounding(a' + b', out_multiplier, out_shift))
// Shapes  a, b s8, up to kBroadcastRank dimensions . y [count] s8
// Bounds  left_shift = 20, a_multiplier * 2^a_shift <= 1/2  =>  |a'|, |b'| < 2^28
// Memory  scratch 0; y may be a or b where that operand has y's shape
// Errors  none; the compiler proved the arguments
// Source  TFLite 8-bit quantisation specification; outputs of the tflite-micro wheel
void add_s8_portable(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);

// int16: the same.
// Shapes  a, b s16 . y [count] s16
// Bounds  left_shift = 15, zero points are 0  =>  |a'|, |b'| <= 2^29
// Memory  as above
void add_s16_portable(const ScaledBinaryParams& p, const std::int16_t* a, const std::int16_t* b, std::int16_t* y);

// int32, not quantised: y = a + b modulo 2^32.
// Shapes  a, b s32 . y [count] s32
// Memory  as above
void add_s32_portable(const BroadcastParams& p, const std::int32_t* a, const std::int32_t* b, std::int32_t* y);

// float32: y = clamp(a + b).
// Shapes  a, b f32 . y [count] f32
// Memory  as above
void add_f32_portable(const BinaryF32Params& p, const float* a, const float* b, float* y);

// The same as add_s8_portable for Armv7E-M, without broadcasting.
// Memory  as above
void add_s8_armv7em(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);

// The same for MVE.
// Memory  as above
void add_s8_mve(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);

// Whether a factor is 1/2, which the operand with the larger scale has.
[[nodiscard]] constexpr bool is_half(std::int32_t multiplier, std::int32_t shift) {
  return multiplier == 1 << 30 && shift == 0;
}

// No operand is repeated, one has the factor 1/2 and the other that or less,
// and all factors are in rounding high multiplications' reach.
[[nodiscard]] constexpr bool fits_one_to_one(const ScaledBinaryParams& p) {
  const bool a_is_half = is_half(p.a_multiplier, p.a_shift);
  const bool b_is_half = is_half(p.b_multiplier, p.b_shift);
  const std::int32_t multiplier = a_is_half ? p.b_multiplier : p.a_multiplier;
  const std::int32_t shift = a_is_half ? p.b_shift : p.a_shift;
  const bool scales =
      (a_is_half && b_is_half) || ((a_is_half || b_is_half) && multiplier >= 1 << 30 && shift >= -31 && shift <= -1);
  bool walks = p.left_shift == 20;
  for (int d = 0; d < kBroadcastRank; ++d) walks = walks && p.a_stride[d] == p.b_stride[d];
  // Both walks are the output's: equal strides, none of them 0 along a
  // dimension that has several elements.
  for (int d = 0; d < kBroadcastRank; ++d) walks = walks && (p.extent[d] == 1 || p.a_stride[d] != 0);
  return walks && scales && p.out_multiplier >= 1 << 30 && p.out_shift >= -31 && p.out_shift <= -2;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_one_to_one(const ScaledBinaryParams& /*p*/) { return 300; }

// The same for cores without SIMD.
// Memory  as above
void add_s8_armv6m(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);
void add_s8_rv32imc(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y);

// The offset, shifted with the result's fraction, leaves 32 bits room: |sum| < 2^29, 2^7 * 2^22.
[[nodiscard]] constexpr bool fits_scalar_one_to_one(const ScaledBinaryParams& p) {
  return fits_one_to_one(p) && p.out_shift >= -22;
}

[[nodiscard]] constexpr std::int64_t cost_one_to_one_by_8(const ScaledBinaryParams& /*p*/) { return 60; }

}  // namespace mote::kernels
