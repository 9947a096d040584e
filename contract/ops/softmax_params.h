// What a softmax kernel is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

struct SoftmaxParams {
  std::int32_t rows;
  std::int32_t depth;       // elements of a row
  std::int32_t multiplier;  // beta * input scale in the kernel's fixed point, with shift
  std::int32_t shift;
  std::int32_t diff_min;  // int8 only: below it, counted from the row's largest element, exp is 0
};

// The same without quantisation.
struct SoftmaxF32Params {
  std::int32_t rows;
  std::int32_t depth;
  float beta;
};

}  // namespace mote
