// Fully connected layer.
#pragma once

#include <cstdint>

#include "contract/ops/fully_connected_params.h"
#include "device/kernels/fused_lanes.h"
#include "device/kernels/kernel_row.h"

namespace mote::kernels {

// int8, weight scale per unit (scale_step = 1) or one in all (scale_step = 0).
//   acc    = b[u] + sum_d (x[r,d] + in_offset) * k[u,d]
//   y[r,u] = clamp(out_offset + requantize_double_rounding(acc, multiplier[u*scale_step], shift[u*scale_step]))
// Shapes  x [R,D] s8 . k [U,D] s8 . b [U] s32 . multiplier [U or 1] s32 . shift [U or 1] s8 . y [R,U] s8
// Bounds  255 * sum|k[u]| + |b[u]| < 2^31  =>  |acc| < 2^31
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
// Source  arXiv:1712.05877; TFLite 8-bit quantisation specification
void fully_connected_s8_portable(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                                 const std::int32_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                 std::int8_t* y);

// The same from weights in Rice codes, for small flash: weight w as z = 2*w, or -2*w - 1 where it is negative; z >> k
// ones, a zero, the k low bits of z. Shapes  x, b, multiplier, shift, y as above . codes: k; then the codes of k [U,D],
// each word from its highest bit Memory  scratch 0; y must not overlap x
void fully_connected_s8_rice_portable(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* codes,
                                      const std::int32_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                      std::int8_t* y);

// Of 1000 for plain loops, about what it takes.
[[nodiscard]] constexpr std::int64_t cost_rice(const FullyConnectedParams& /*p*/) { return 5000; }

// int16 activations, int8 weights.
//   y[r,u] = clamp(out_offset + requantize_s64_single_rounding(acc, ...))    acc as above, in 64 bits
// Shapes  x [R,D] s16 . k [U,D] s8 . b [U] s64 . multiplier [U or 1] s32 . shift [U or 1] s8 . y [R,U] s16
// Bounds  2^15 * sum|k[u]| + |b[u]| < 2^47  =>  |acc| < 2^47; shift <= 7
// Memory  scratch 0; y must not overlap x
// Errors  none; the compiler proved the arguments
// Source  TFLite's 16x8 quantisation: zero points are 0
void fully_connected_s16_portable(const FullyConnectedParams& p, const std::int16_t* x, const std::int8_t* k,
                                  const std::int64_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                  std::int16_t* y);

// The same with an int32 bias, which the reference accumulates in 32 bits and rounds twice.
//   y[r,u] = clamp(out_offset + requantize_double_rounding(acc, ...))
// Shapes  as above, but b [U] s32
// Bounds  2^15 * sum|k[u]| + |b[u]| < 2^31  =>  |acc| < 2^31
// Memory  scratch 0; y must not overlap x
void fully_connected_s16_bias32_portable(const FullyConnectedParams& p, const std::int16_t* x, const std::int8_t* k,
                                         const std::int32_t* b, const std::int32_t* multiplier,
                                         const std::int8_t* shift, std::int16_t* y);

// float32. Sums in the order d, starting from 0, the bias last; no fused multiply-add.
//   y[r,u] = clamp(b[u] + sum_d x[r,d] * k[u,d])
// Shapes  as above, all f32
// Memory  scratch 0; y must not overlap x
void fully_connected_f32_portable(const FullyConnectedF32Params& p, const float* x, const float* k, const float* b,
                                  float* y);

// The same as fully_connected_s8_portable for Armv7E-M, from packed weights.
// Shapes  x, y as above . packed: fused_lanes_by_8 in device/kernels/fused_lanes.h
// Memory  scratch: one input row in int16; y must not overlap x
void fully_connected_s8_armv7em(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                                std::uint8_t* scratch, std::int8_t* y);

// The same without scratch.
// Bounds  D a multiple of 8
// Memory  scratch 0, the pointer is not used; y must not overlap x
void fully_connected_s8_direct_armv7em(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                                       std::uint8_t* scratch, std::int8_t* y);

[[nodiscard]] constexpr bool fits_whole_blocks(const FullyConnectedParams& p) { return p.depth % 8 == 0; }

[[nodiscard]] constexpr std::int64_t scratch_fused_lanes(const FullyConnectedParams& p) {
  return 4 * static_cast<std::int64_t>(fused_lanes_by_8_steps(p.depth));
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_fused_lanes(const FullyConnectedParams& /*p*/) { return 100; }
[[nodiscard]] constexpr std::int64_t cost_fused_lanes_direct(const FullyConnectedParams& /*p*/) { return 106; }

// The same as fully_connected_s8_portable for MVE, from packed weights.
// Shapes  x, y as above . packed: per four units (padded with zeros) bias[4] with the input's zero point folded in;
//         per 16 inputs (padded with zeros) 16 weights of each unit; multiplier[4]; shift[4] in [-31, -1]
// Memory  scratch: one input row, where it is no whole number of vectors; y must not overlap x
void fully_connected_s8_mve(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* packed,
                            std::uint8_t* scratch, std::int8_t* y);

[[nodiscard]] constexpr std::int64_t scratch_units_by_4(const FullyConnectedParams& p) {
  return p.depth % 16 == 0 ? 0 : (p.depth + std::int64_t{15}) / 16 * 16;
}

// Of 1000 for plain loops, about what remains.
[[nodiscard]] constexpr std::int64_t cost_units_by_4(const FullyConnectedParams& /*p*/) { return 20; }

// The same for cores without SIMD.
// Shapes  x, k, y as above . records [U] biases with the input's zero point folded in, then of every unit or of all
//         (scale_step = 0) multiplier, addend and right of device/kernels/pixel_pairs.h
// Memory  scratch 0; y must not overlap x
void fully_connected_s8_armv6m(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                               const std::int32_t* records, std::int8_t* y);
void fully_connected_s8_rv32imc(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                                const std::int32_t* records, std::int8_t* y);

[[nodiscard]] constexpr std::int64_t cost_fours(const FullyConnectedParams& /*p*/) { return 400; }

}  // namespace mote::kernels
