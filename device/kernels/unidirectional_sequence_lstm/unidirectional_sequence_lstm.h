// Long short-term memory over a sequence, forward in time, without peepholes, projection or layer normalisation.
#pragma once

#include <cstdint>

#include "contract/ops/lstm_params.h"

namespace mote::kernels {

// int8 input, weights and hidden state, int16 cell and gates (gates' arguments have scale 2^-12), double rounding.
//   a_g    = sat16(sat16(rq(b_g + sum (x + in_offset) * w_g)) + sat16(rq(sum (h + state_offset) * r_g)))
//   i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o);  z = tanh(a_z)
//   c      = clip(sat16(sat16(rq(f * c)) + sat16(rq(i * z))))
//   h = y  = sat8(rq(o * tanh(c)) - state_offset)
// Shapes  x [steps, features] s8 . w [4, units, features + units] s8: the input's weights, then the hidden state's
//         b [4, units] s32 . h, h' [units] s8 . c, c' [units] s16 . y [steps, units] s8
// Bounds  |b| + 2^8 * sum|w| < 2^31, proved by the compiler
// Memory  scratch 0; h' may be h and c' may be c; y must not overlap the others
// Errors  none; the compiler proved the arguments
// Source  TFLite Micro's int8 kernel; outputs of the tflite-micro wheel
void unidirectional_sequence_lstm_s8_portable(const LstmParams& p, const std::int8_t* x, const std::int8_t* w,
                                              const std::int32_t* b, const std::int8_t* h, const std::int16_t* c,
                                              std::int8_t* y, std::int8_t* next_h, std::int16_t* next_c);

}  // namespace mote::kernels
