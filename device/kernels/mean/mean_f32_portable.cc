// The specification of the float mean in plain loops.
#include "device/kernels/mean/mean.h"
#include "device/kernels/mean/mean_loops.h"

namespace mote::kernels {

void mean_f32_portable(const MeanF32Params& p, const float* x, float* y) {
  for_each_mean(p, x, [&p, &y](const float* first) { *y++ = mean_sum(p, first, 0.0F) / p.count; });
}

}  // namespace mote::kernels
