// What differs between armv6-m and the mainline profiles.
#pragma once

#include <cstdint>

// Turns on the FPU and the vector unit, where there are any.
extern "C" void mote_enable_coprocessors();

namespace mote::cortex_m {

// Why the fault happened, and the data address it was about, or bare::kUnknown.
const char* fault_text();
std::uint32_t fault_address();

}  // namespace mote::cortex_m
