// The specification of a fill with 2 bytes per element.
#include "device/kernels/fill/fill.h"

namespace mote::kernels {

void fill_x16_portable(const FillParams& p, void* y) {
  using Word [[gnu::may_alias]] = std::uint16_t;
  auto* out = static_cast<Word*>(y);
  for (std::int32_t i = 0; i < p.count; ++i)
    out[i] = static_cast<std::uint16_t>(p.bits);  // the low 16 bits, by definition
}

}  // namespace mote::kernels
