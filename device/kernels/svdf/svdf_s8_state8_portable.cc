// The specification of the int8 filter with an int8 state.
#include "device/kernels/svdf/svdf_loops.h"

namespace mote::kernels {

void svdf_s8_state8_portable(const SvdfParams& p, const std::int8_t* x, const std::int8_t* w, const std::int8_t* t,
                             const std::int32_t* b, const std::int8_t* s, std::int8_t* y, std::int8_t* next) {
  svdf_loops(p, x, w, t, b, s, y, next);
}

}  // namespace mote::kernels
