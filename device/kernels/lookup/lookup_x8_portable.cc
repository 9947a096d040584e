// The specification of a table lookup in a plain loop.
#include "device/kernels/lookup/lookup.h"

namespace mote::kernels {

void lookup_x8_portable(const ElementwiseParams& p, const void* x, const std::uint8_t* table, void* y) {
  const auto* in = static_cast<const std::uint8_t*>(x);
  auto* out = static_cast<std::uint8_t*>(y);
  for (std::int32_t i = 0; i < p.count; ++i) out[i] = table[in[i]];
}

}  // namespace mote::kernels
