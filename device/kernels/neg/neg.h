// Negated values.
#pragma once

#include "contract/ops/elementwise_params.h"

namespace mote::kernels {

// float32.
//   y[i] = -x[i]
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
// Errors  none
void neg_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
