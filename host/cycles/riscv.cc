// RV32IMC decoder, to the depth that timing needs. Source: The RISC-V Instruction Set Manual, volume I.
#include "host/cycles/instruction.h"

namespace mote {
namespace {

using enum TimingClass;
using std::uint32_t;

constexpr RegisterSet core(uint32_t r) { return r == 0 ? 0 : RegisterSet{1} << r; }
constexpr uint32_t bits(uint32_t word, int high, int low) { return word >> low & ((2U << (high - low)) - 1); }

Instruction made(TimingClass timing, RegisterSet writes = 0, RegisterSet reads = 0) {
  Instruction out;
  out.timing = timing;
  out.reads = reads;
  out.writes = writes;
  return out;
}

Instruction access(TimingClass timing, uint32_t data, uint32_t base, bool is_load) {
  Instruction out = made(timing, is_load ? core(data) : 0, core(base) | (is_load ? 0 : core(data)));
  out.address = core(base);
  if (!is_load) out.data = core(data) & ~core(base);
  return out;
}

Instruction wide(uint32_t w) {
  const uint32_t d = bits(w, 11, 7);
  const uint32_t s1 = bits(w, 19, 15);
  const uint32_t s2 = bits(w, 24, 20);
  const uint32_t function = bits(w, 14, 12);
  switch (bits(w, 6, 0)) {
    case 0x03: return access(function == 2 ? load : load_narrow, d, s1, true);
    case 0x23: return access(store, s2, s1, false);
    case 0x63: return made(branch_if, 0, core(s1) | core(s2));
    case 0x6F: return made(d == 0 ? branch : call, core(d));
    case 0x67: return made(d == 0 ? branch_register : call_register, core(d), core(s1));
    case 0x13: return made(alu, core(d), core(s1));
    case 0x17:
    case 0x37: return made(alu, core(d));
    case 0x33: {
      const TimingClass timing = bits(w, 31, 25) != 1 ? alu : function == 0 ? mul : function < 4 ? mul_long : div;
      return made(timing, core(d), core(s1) | core(s2));
    }
    case 0x0F: return made(system);
    case 0x73: return made(system, core(d), core(s1));
    default: return made(unknown);
  }
}

Instruction compressed(uint32_t h) {
  const uint32_t function = bits(h, 15, 13);
  const uint32_t d = bits(h, 11, 7);
  const uint32_t s2 = bits(h, 6, 2);
  const uint32_t small1 = bits(h, 9, 7) + 8;
  const uint32_t small2 = bits(h, 4, 2) + 8;
  constexpr uint32_t kSp = 2;
  constexpr uint32_t kRa = 1;
  switch (h & 3) {
    case 0:
      if (function == 0) return made(alu, core(small2), core(kSp));
      if (function == 2) return access(load, small2, small1, true);
      if (function == 6) return access(store, small2, small1, false);
      return made(unknown);
    case 1:
      switch (function) {
        case 1: return made(call, core(kRa));
        case 5: return made(branch);
        case 6:
        case 7: return made(branch_if, 0, core(small1));
        case 4: return made(alu, core(small1), core(small1) | (bits(h, 11, 10) == 3 ? core(small2) : 0));
        case 0: return made(h == 1 ? nop : alu, core(d), core(d));
        case 3: return made(alu, core(d), d == kSp ? core(kSp) : 0);
        default: return made(alu, core(d));
      }
    default:
      if (function == 0) return made(alu, core(d), core(d));
      if (function == 2) return access(load, d, kSp, true);
      if (function == 6) return access(store, s2, kSp, false);
      if (function != 4) return made(unknown);
      if (s2 == 0) {
        if (d == 0) return made(system);
        return bits(h, 12, 12) != 0 ? made(call_register, core(kRa), core(d)) : made(branch_register, 0, core(d));
      }
      return made(alu, core(d), core(s2) | (bits(h, 12, 12) != 0 ? core(d) : 0));
  }
}

}  // namespace

Instruction decode_riscv(std::span<const std::uint8_t> code) {
  uint32_t w = 0;
  for (std::size_t i = 0; i < code.size() && i < 4; ++i) w |= static_cast<uint32_t>(code[i]) << 8 * i;
  const bool is_wide = (w & 3) == 3;
  Instruction out = is_wide ? wide(w) : compressed(w & 0xFFFF);
  out.bytes = is_wide ? 4 : 2;
  return out;
}

}  // namespace mote
