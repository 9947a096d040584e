// armv8-m mainline and armv8.1-m: the stack limit register.
#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

extern "C" void mote_protect_stack() { __asm__ volatile("msr msplim, %0" : : "r"(mote_stack_limit)); }
