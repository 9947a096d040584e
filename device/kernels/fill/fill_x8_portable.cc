// The specification of a fill with 1 byte per element.
#include "device/kernels/fill/fill.h"

namespace mote::kernels {

void fill_x8_portable(const FillParams& p, void* y) {
  using Word [[gnu::may_alias]] = std::uint8_t;
  auto* out = static_cast<Word*>(y);
  for (std::int32_t i = 0; i < p.count; ++i)
    out[i] = static_cast<std::uint8_t>(p.bits);  // the low 8 bits, by definition
}

}  // namespace mote::kernels
