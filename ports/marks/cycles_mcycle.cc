// The machine's cycle counter of RISC-V, its lower half: wraps after 2^32 cycles.
// Source: The RISC-V Instruction Set Manual, volume II, "Hardware Performance Monitor".
#include "mote_marks.h"

extern "C" {
extern const uint32_t mote_cycles_mask = 0xFFFFFFFF;

void mote_cycles_start() { __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrwi mcycle, 0\n\t.option pop"); }

uint32_t mote_cycles() {
  uint32_t out = 0;
  __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrr %0, mcycle\n\t.option pop" : "=r"(out));
  return out;
}
}
