// The specification of the f32 arg_max.
#include "device/kernels/arg_max/arg_max.h"
#include "device/kernels/arg_max/arg_max_loops.h"

namespace mote::kernels {

void arg_max_f32_portable(const ArgMaxParams& p, const float* x, std::int32_t* y) { arg_max_loops(p, x, y); }

}  // namespace mote::kernels
