// The specification of int8 softmax with an int16 result in plain loops.
#include "device/kernels/softmax/softmax.h"
#include "device/kernels/softmax/softmax_s8.h"

namespace mote::kernels {

void softmax_s8_s16_portable(const SoftmaxParams& p, const std::int8_t* x, std::int16_t* y) {
  softmax_s8_rows<std::int16_t, 16>(p, x, y);
}

}  // namespace mote::kernels
