// The hard swish activation. int8 is a table lookup (device/kernels/lookup).
#pragma once

#include "contract/ops/elementwise_params.h"

namespace mote::kernels {

// float32.
//   y[i] = x[i] * clamp(x[i] + 3, 0, 6) / 6
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
// Errors  none
void hard_swish_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
