// What the int16 logistic and tanh kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

// x * multiplier / 2^shift is the argument in units of 1 / (3 * 2^12).
struct SigmoidParams {
  std::int32_t count;
  std::int32_t multiplier;
  std::int32_t shift;
};

}  // namespace mote
