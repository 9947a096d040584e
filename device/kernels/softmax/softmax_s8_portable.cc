// The specification of int8 softmax in plain loops.
#include "device/kernels/softmax/softmax.h"
#include "device/kernels/softmax/softmax_s8.h"

namespace mote::kernels {

void softmax_s8_portable(const SoftmaxParams& p, const std::int8_t* x, std::int8_t* y) {
  softmax_s8_rows<std::int8_t, 8>(p, x, y);
}

}  // namespace mote::kernels
