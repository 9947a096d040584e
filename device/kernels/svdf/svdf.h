// Singular value decomposition filter: each of units * rank filters weighs the features of this step and then what it
// remembers of the last `memory` steps.
#pragma once

#include <cstdint>

#include "contract/ops/svdf_params.h"

namespace mote::kernels {

// int8 input and output, double rounding; state and weights in time are int16 (state16) or int8 (state8).
//   s'[f, m] = s[f, m+1]  for m < memory - 1
//   s'[f, memory-1] = z + clamp(requant(sum_c (x[c] + in_offset) * w[f, c]))    z: the state's zero point; it wraps
//   y[u] = clamp(out_offset + requant(b[u] + sum_{f in unit u, m} (s'[f, m] - z) * t[f, m]))
// Shapes  x [features] s8 . w [units*rank, features] s8 . t [units*rank, memory] s16 or s8 . b [units] s32
//         s, s' [units*rank, memory] s16 or s8 . y [units] s8
// Bounds  features <= 2^15; the sum over time wraps modulo 2^32, as the reference's does
// Memory  scratch 0; s' may be s; y must not overlap x or s
// Errors  none; the compiler proved the arguments
// Source  TFLite int8 SVDF reference; outputs of the tflite-micro wheel
void svdf_s8_state16_portable(const SvdfParams& p, const std::int8_t* x, const std::int8_t* w, const std::int16_t* t,
                              const std::int32_t* b, const std::int16_t* s, std::int8_t* y, std::int16_t* next);
void svdf_s8_state8_portable(const SvdfParams& p, const std::int8_t* x, const std::int8_t* w, const std::int8_t* t,
                             const std::int32_t* b, const std::int8_t* s, std::int8_t* y, std::int8_t* next);

}  // namespace mote::kernels
