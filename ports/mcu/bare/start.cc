// From reset to the harness: fills .data and .bss, then runs.
#include <cstdint>

#include "ports/harness/port.h"

extern "C" {
extern std::uint32_t mote_data_begin[];
extern std::uint32_t mote_data_end[];
extern const std::uint32_t mote_data_image[];
extern std::uint32_t mote_bss_begin[];
extern std::uint32_t mote_bss_end[];

// Called by the family's reset code once there is a painted stack.
[[noreturn]] void mote_start() {
  // Volatile keeps the compiler from making calls of memcpy and memset out of the loops.
  const std::uint32_t* from = mote_data_image;
  for (volatile std::uint32_t* to = mote_data_begin; to != mote_data_end; ++to) *to = *from++;
  for (volatile std::uint32_t* to = mote_bss_begin; to != mote_bss_end; ++to) *to = 0;
  mote::harness::stop(mote::harness::run());
}
}
