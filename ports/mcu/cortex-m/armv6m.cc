// armv6-m: no coprocessors, and no register that tells why a fault happened.
#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

extern "C" void mote_enable_coprocessors() {}

namespace mote::cortex_m {

const char* fault_text() { return "hard fault"; }
std::uint32_t fault_address() { return bare::kUnknown; }

}  // namespace mote::cortex_m
