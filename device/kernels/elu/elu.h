// The exponential linear unit. int8 is a table lookup (device/kernels/lookup).
#pragma once

#include "contract/ops/elementwise_params.h"

namespace mote::kernels {

// float32, from +, -, *, / alone; see contract/math/elementary.h.
//   y[i] = x[i] < 0 ? e^x[i] - 1 : x[i]
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
// Errors  none
void elu_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
