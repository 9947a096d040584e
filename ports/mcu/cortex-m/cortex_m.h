// What differs between the generations of Cortex-M.
#pragma once

#include <cstdint>

// Turns on the FPU and the vector unit, where there are any.
extern "C" void mote_enable_coprocessors();

// Makes a stack that grows below mote_stack_limit fault, where the core can: what lies below RAM on the emulated boards
// swallows writes.
extern "C" void mote_protect_stack();

namespace mote::cortex_m {

// Why the fault happened, and the data address it was about, or bare::kUnknown.
const char* fault_text();
std::uint32_t fault_address();

}  // namespace mote::cortex_m
