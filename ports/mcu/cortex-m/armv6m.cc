// armv6-m: no coprocessors, no limit on the stack, and no register that tells why a fault happened.
#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

extern "C" void mote_enable_coprocessors() {}
extern "C" void mote_protect_stack() {}

namespace mote::cortex_m {

const char* fault_text() { return "hard fault"; }
std::uint32_t fault_address() { return bare::kUnknown; }

}  // namespace mote::cortex_m
