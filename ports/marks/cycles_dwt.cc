// The cycle counter of the data watchpoint and trace unit: Cortex-M3, M4, M7, M33, M55. Wraps after 2^32 cycles.
// Source: Armv7-M Architecture Reference Manual, C1.8; the lock of the M7 is CoreSight's.
#include "mote_marks.h"

namespace {

volatile uint32_t& at(uintptr_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }

}  // namespace

extern "C" {
extern const uint32_t mote_cycles_mask = 0xFFFFFFFF;

void mote_cycles_start() {
  at(0xE000EDFC) = at(0xE000EDFC) | 1U << 24;  // DEMCR.TRCENA
  at(0xE0001FB0) = 0xC5ACCE55;                 // DWT_LAR
  at(0xE0001004) = 0;                          // DWT_CYCCNT
  at(0xE0001000) = at(0xE0001000) | 1U;        // DWT_CTRL.CYCCNTENA
}

uint32_t mote_cycles() { return at(0xE0001004); }
}
