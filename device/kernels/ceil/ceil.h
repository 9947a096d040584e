// The smallest whole numbers above.
#pragma once

#include "contract/ops/elementwise_params.h"

namespace mote::kernels {

// float32.
//   y[i] = ceil(x[i])
// Shapes  x, y [count] f32
// Memory  scratch 0; y may be x
// Errors  none
void ceil_f32_portable(const ElementwiseParams& p, const float* x, float* y);

}  // namespace mote::kernels
