// int8 average pooling for RV32IMC.
#include "device/kernels/average_pool_2d/average_pool_2d_s8_runs.h"

namespace mote::kernels {

void average_pool_2d_s8_rv32imc(const Pool2dParams& p, const std::int8_t* x, std::int8_t* y) {
  runs::average_pool_2d_s8(p, x, y);
}

}  // namespace mote::kernels
