// The specification of float softmax in plain loops.
#include "contract/f32/exp.h"
#include "device/kernels/softmax/softmax.h"

namespace mote::kernels {

void softmax_f32_portable(const SoftmaxF32Params& p, const float* x, float* y) {
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth, y += p.depth) {
    float largest = x[0];
    for (std::int32_t c = 1; c < p.depth; ++c) largest = x[c] > largest ? x[c] : largest;
    float sum = 0.0F;
    for (std::int32_t c = 0; c < p.depth; ++c) {
      y[c] = f32::exp((x[c] - largest) * p.beta);
      sum += y[c];
    }
    for (std::int32_t c = 0; c < p.depth; ++c) y[c] = y[c] / sum;
  }
}

}  // namespace mote::kernels
