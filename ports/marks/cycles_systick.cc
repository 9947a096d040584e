// SysTick, for cores without a cycle counter: Cortex-M0 and M0+. It counts 24 bits down, so a layer must take fewer
// than 16,777,216 cycles, and nothing else may use it. Source: Armv6-M Architecture Reference Manual, B3.3.
#include "mote_marks.h"

namespace {

volatile uint32_t& at(uintptr_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }

}  // namespace

extern "C" {
extern const uint32_t mote_cycles_mask = 0x00FFFFFF;

void mote_cycles_start() {
  at(0xE000E014) = mote_cycles_mask;  // reload value
  at(0xE000E018) = 0;                 // any write clears the current value
  at(0xE000E010) = 1U << 2 | 1U;      // the core's clock, no interrupt, on
}

uint32_t mote_cycles() { return mote_cycles_mask - (at(0xE000E018) & mote_cycles_mask); }
}
