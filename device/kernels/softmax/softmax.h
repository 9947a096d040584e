// Softmax over the last axis.
#pragma once

#include <cstdint>

#include "contract/ops/softmax_params.h"

namespace mote::kernels {

// int8; real = beta * scale * (x - max of the row), in Q5 by multiplier and shift, 0 contribution below diff_min.
//   e[c]   = exp_on_negative_values(real[c], 5)
//   y[r,c] = clamp(e[c] / sum e * 256 - 128), the quotient by one_over_one_plus_x of the normalised Q12 sum
// Shapes  x [R,D] s8 . y [R,D] s8, scale 1/256, zero point -128
// Bounds  D < 2^12  =>  sum e < 2^31 in Q12; shift in [0, 30], diff_min * 2^shift >= -2^31.
//         The reference is undefined where the sum reaches 512; here the true quotient rounds to 0.
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  gemmlowp's published fixed-point exp; outputs of the tflite-micro wheel
void softmax_s8_portable(const SoftmaxParams& p, const std::int8_t* x, std::int8_t* y);

// The same with an int16 result.
//   y[r,c] = clamp(e[c] / sum e * 65536 - 32768)
// Shapes  x [R,D] s8 . y [R,D] s16, scale 1/65536, zero point -32768
// Memory  scratch 0; y must not overlap x
void softmax_s8_s16_portable(const SoftmaxParams& p, const std::int8_t* x, std::int16_t* y);

// int16; exp over [-10, 0] and 1 / (1 + a) over [0, 1] from tables of 513 values, interpolated between them.
//   d[c]   = requantize_double_rounding(x - max of the row)     so that -65535 is -10
//   e[c]   = exp_table(d[c] + 32767), Q15;   y[r,c] = e[c] * reciprocal_table(sum e)
// Shapes  x [R,D] s16 . exp_table,reciprocal_table [513] s16 . y [R,D] s16, scale 1/32768, zero point 0
// Bounds  D <= 2^16  =>  sum e < 2^31
// Memory  scratch 0; y may be x
// Errors  none; the compiler proved the arguments
// Source  TFLite's 16x8 quantisation; outputs of the tflite-micro wheel
void softmax_s16_portable(const SoftmaxParams& p, const std::int16_t* x, const std::int16_t* exp_table,
                          const std::int16_t* reciprocal_table, std::int16_t* y);

// float32, by f32::exp.
//   y[r,c] = e[c] / sum e,  e[c] = exp((x[r,c] - max of the row) * beta), summed in the order c
// Shapes  x [R,D] f32 . y [R,D] f32
// Memory  scratch 0; y may be x
void softmax_f32_portable(const SoftmaxF32Params& p, const float* x, float* y);

}  // namespace mote::kernels
