// The specification of the s8 arg_max.
#include "device/kernels/arg_max/arg_max.h"
#include "device/kernels/arg_max/arg_max_loops.h"

namespace mote::kernels {

void arg_max_s8_portable(const ArgMaxParams& p, const std::int8_t* x, std::int32_t* y) { arg_max_loops(p, x, y); }

}  // namespace mote::kernels
