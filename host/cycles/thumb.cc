// Thumb decoder: Armv6-M to Armv8.1-M with floating point and Helium, to the depth that timing needs.
// Source: Armv7-M and Armv8-M Architecture Reference Manuals, chapter "The Thumb instruction set encoding".
#include <bit>

#include "host/cycles/instruction.h"

namespace mote {
namespace {

using enum TimingClass;
using std::uint32_t;

constexpr uint32_t kSp = 13;
constexpr uint32_t kLr = 14;
constexpr uint32_t kPc = 15;

constexpr RegisterSet core(uint32_t r) { return r == kPc ? 0 : RegisterSet{1} << r; }
constexpr RegisterSet list(uint32_t mask) { return mask & 0x7FFFU; }
constexpr RegisterSet single(uint32_t s) { return RegisterSet{1} << (32 + (s & 31)); }
constexpr RegisterSet twice(uint32_t d) { return RegisterSet{3} << (32 + 2 * (d & 15)); }
constexpr RegisterSet vector(uint32_t q) { return RegisterSet{15} << (32 + 4 * (q & 7)); }
constexpr uint32_t bits(uint32_t word, int high, int low) { return word >> low & ((2U << (high - low)) - 1); }
constexpr bool bit(uint32_t word, int n) { return (word >> n & 1) != 0; }

Instruction plain(TimingClass timing, RegisterSet writes = 0, RegisterSet reads = 0) {
  Instruction out;
  out.timing = timing;
  out.reads = reads;
  out.writes = writes;
  return out;
}

Instruction access(TimingClass timing, RegisterSet data, RegisterSet address, bool is_load) {
  Instruction out = plain(timing, is_load ? data : 0, (is_load ? 0 : data) | address);
  out.address = address;
  if (!is_load) out.data = data & ~address;
  return out;
}

Instruction with_offset(Instruction in, uint32_t offset, bool up = true) {
  in.knows_offset = true;
  in.offset = up ? static_cast<std::int32_t>(offset) : -static_cast<std::int32_t>(offset);
  return in;
}

Instruction flags(Instruction in, bool sets = true) {
  in.sets_flags = sets;
  return in;
}

// LDM, STM, PUSH, POP; `mask` with the pc in bit 15.
Instruction multiple(uint32_t base, uint32_t mask, bool is_load, bool writes_back) {
  const TimingClass timing = !is_load ? store_multiple : bit(mask, 15) ? load_multiple_pc : load_multiple;
  Instruction out = access(timing, list(mask), core(base), is_load);
  out.words = static_cast<std::uint8_t>(std::popcount(mask));
  out.writes_back = writes_back;
  return out;
}

Instruction narrow(uint32_t h) {
  const RegisterSet low0 = core(bits(h, 2, 0));
  const RegisterSet low3 = core(bits(h, 5, 3));
  const RegisterSet low6 = core(bits(h, 8, 6));
  const RegisterSet low8 = core(bits(h, 10, 8));
  switch (h >> 12) {
    case 0x0:
    case 0x1:
      if (bits(h, 12, 11) != 3) return flags(plain(alu, low0, low3));
      return flags(plain(alu, low0, low3 | (bit(h, 10) ? 0 : low6)));
    case 0x2: return flags(bit(h, 11) ? plain(alu, 0, low8) : plain(alu, low8));
    case 0x3: return flags(plain(alu, low8, low8));
    case 0x4: {
      if (bit(h, 11)) return access(load, low8, 0, true);
      if (!bit(h, 10)) {
        const uint32_t op = bits(h, 9, 6);
        if (op == 13) return flags(plain(mul, low0, low0 | low3));
        const bool writes = op != 8 && op != 10 && op != 11;
        const bool reads_both = op != 9 && op != 15;
        return flags(plain(alu, writes ? low0 : 0, low3 | (reads_both ? low0 : 0)));
      }
      const uint32_t d = bits(h, 2, 0) | bits(h, 7, 7) << 3;
      const uint32_t m = bits(h, 6, 3);
      switch (bits(h, 9, 8)) {
        case 0: return d == kPc ? plain(branch_register, 0, core(m)) : plain(alu, core(d), core(d) | core(m));
        case 1: return flags(plain(alu, 0, core(d) | core(m)));
        case 2: return d == kPc ? plain(branch_register, 0, core(m)) : plain(alu, core(d), core(m));
        default: return bit(h, 7) ? plain(call_register, core(kLr), core(m)) : plain(branch_register, 0, core(m));
      }
    }
    case 0x5: {
      const uint32_t op = bits(h, 11, 9);
      if (op < 3) {
        Instruction out = access(store_register, low0, low3 | low6, false);
        out.adds_registers = true;
        return out;
      }
      Instruction out = access(op == 4 ? load : load_narrow, low0, low3 | low6, true);
      out.adds_registers = true;
      return out;
    }
    case 0x6: return with_offset(access(bit(h, 11) ? load : store, low0, low3, bit(h, 11)), bits(h, 10, 6) * 4);
    case 0x7: return with_offset(access(bit(h, 11) ? load_narrow : store, low0, low3, bit(h, 11)), bits(h, 10, 6));
    case 0x8: return with_offset(access(bit(h, 11) ? load_narrow : store, low0, low3, bit(h, 11)), bits(h, 10, 6) * 2);
    case 0x9: return with_offset(access(bit(h, 11) ? load : store, low8, core(kSp), bit(h, 11)), bits(h, 7, 0) * 4);
    case 0xA: return plain(alu, low8, bit(h, 11) ? core(kSp) : 0);
    case 0xB:
      if (bits(h, 11, 8) == 0) return plain(alu, core(kSp), core(kSp));
      if (bit(h, 8) && !bit(h, 10)) return plain(branch_if, 0, low0);  // cbz, cbnz
      switch (bits(h, 11, 8)) {
        case 0x2: return plain(dsp, low0, low3);
        case 0x4:
        case 0x5: return multiple(kSp, bits(h, 7, 0) | bits(h, 8, 8) << kLr, false, true);
        case 0xA: return plain(dsp, low0, low3);
        case 0xC:
        case 0xD: return multiple(kSp, bits(h, 7, 0) | bits(h, 8, 8) << kPc, true, true);
        case 0xF:
          if (bits(h, 3, 0) != 0) return plain(if_then);
          return plain(bits(h, 7, 4) == 0 ? nop : system);
        default: return plain(system);
      }
    case 0xC: {
      const uint32_t base = bits(h, 10, 8);
      return multiple(base, bits(h, 7, 0), bit(h, 11), !bit(h, 11) || !bit(h, static_cast<int>(base)));
    }
    case 0xD: return plain(bits(h, 11, 8) >= 14 ? system : branch_if);
    default: return plain(branch);
  }
}

Instruction shifted_register(uint32_t a, uint32_t b) {
  const uint32_t op = bits(a, 8, 5);
  const uint32_t n = bits(a, 3, 0);
  const uint32_t d = bits(b, 11, 8);
  const uint32_t m = bits(b, 3, 0);
  const bool has_shift = (bits(b, 14, 12) << 2 | bits(b, 7, 6)) != 0 || bits(b, 5, 4) != 0;
  if (op == 6) {
    Instruction out = plain(dsp, core(d), core(n) | core(m));  // pkhbt, pkhtb
    out.shifted = core(m);
    return out;
  }
  const bool is_move = op == 2 && n == kPc;
  Instruction out = plain(has_shift && !is_move ? alu_shifted : alu, core(d), core(n) | core(m));
  if (has_shift && !is_move) out.shifted = core(m);
  return flags(out, bit(a, 4));
}

Instruction load_store_single(uint32_t a, uint32_t b) {
  const uint32_t n = bits(a, 3, 0);
  const uint32_t t = bits(b, 15, 12);
  const uint32_t size = bits(a, 6, 5);
  const bool is_load = bit(a, 4);
  if (is_load && t == kPc && size != 2) return plain(nop);  // preload
  const bool is_literal = is_load && n == kPc;
  const bool has_register = !is_literal && !bit(a, 7) && !bit(b, 11);
  const TimingClass timing = !is_load    ? (has_register ? store_register : store)
                             : t == kPc  ? load_pc
                             : size == 2 ? load
                                         : load_narrow;
  Instruction out = access(timing, core(t), core(n) | (has_register ? core(bits(b, 3, 0)) : 0), is_load);
  if (is_literal) return out;
  if (has_register) {
    out.adds_registers = true;
    return out;
  }
  if (bit(a, 7)) return with_offset(out, bits(b, 11, 0));
  out.writes_back = bit(b, 8);
  const bool is_indexed_before = bit(b, 10);
  return with_offset(out, is_indexed_before ? bits(b, 7, 0) : 0, bit(b, 9));
}

Instruction pairs_and_tables(uint32_t a, uint32_t b) {
  const uint32_t n = bits(a, 3, 0);
  const uint32_t t = bits(b, 15, 12);
  const uint32_t t2 = bits(b, 11, 8);
  if (bits(a, 15, 5) == 0xE8C0 >> 5) {
    const bool is_load = bit(a, 4);
    if (is_load && bits(b, 7, 5) == 0) return plain(table_branch, 0, core(n) | core(bits(b, 3, 0)));
    return access(is_load ? load : store, core(t), core(n), is_load);  // exclusive, acquire, release
  }
  if (bits(a, 15, 5) == 0xE840 >> 5) return access(bit(a, 4) ? load : store, core(t), core(n), bit(a, 4));
  Instruction out = access(bit(a, 4) ? load_pair : store_pair, core(t) | core(t2), core(n), bit(a, 4));
  out.words = 2;
  out.writes_back = bit(a, 5);
  return with_offset(out, bit(a, 8) ? bits(b, 7, 0) * 4 : 0, bit(a, 7));
}

Instruction immediate(uint32_t a, uint32_t b) {
  const uint32_t n = bits(a, 3, 0);
  const uint32_t d = bits(b, 11, 8);
  if (!bit(a, 9)) {
    const uint32_t op = bits(a, 8, 5);
    const bool is_rotated = bit(a, 10) || bits(b, 14, 12) >= 4;
    const bool ignores_n = (op == 2 || op == 3) && n == kPc;
    return flags(plain(is_rotated ? alu_shifted : alu, core(d), ignores_n ? 0 : core(n)), bit(a, 4));
  }
  switch (bits(a, 8, 4)) {
    case 0x04: return plain(alu, core(d));
    case 0x0C: return plain(alu, core(d), core(d));
    case 0x00:
    case 0x0A: return plain(alu, core(d), core(n));
    default: {
      Instruction out = plain(dsp, core(d), core(n) | (bits(a, 8, 4) == 0x16 ? core(d) : 0));
      out.shifted = core(n);
      return out;
    }
  }
}

Instruction branches_and_system(uint32_t a, uint32_t b) {
  switch (b & 0xD000U) {
    case 0xD000: return plain(call, core(kLr));
    case 0x9000: return plain(branch);
    case 0xC000: {
      const bool is_end = bits(a, 3, 0) == 15 && bits(b, 13, 13) == 0;
      return is_end ? plain(loop_end, core(kLr), core(kLr)) : plain(loop_start, core(kLr), core(bits(a, 3, 0)));
    }
    default: break;
  }
  if (bits(a, 9, 7) != 7) return plain(branch_if);
  if (a == 0xF3AF && bits(b, 7, 0) == 0) return plain(nop);
  if (bits(a, 15, 5) == 0xF3E0 >> 5) return plain(system, core(bits(b, 11, 8)));
  return plain(system, 0, bits(a, 15, 5) == 0xF380 >> 5 ? core(bits(a, 3, 0)) : 0);
}

Instruction registers(uint32_t a, uint32_t b) {
  const uint32_t n = bits(a, 3, 0);
  const uint32_t d = bits(b, 11, 8);
  const uint32_t m = bits(b, 3, 0);
  if (!bit(a, 7) && bits(b, 7, 4) == 0) return flags(plain(alu, core(d), core(n) | core(m)), bit(a, 4));
  Instruction out = plain(dsp, core(d), core(n) | core(m));
  if (!bit(a, 7) && bit(b, 7)) {  // extend, perhaps and add
    out.shifted = core(m);
    out.accumulator = core(n) & ~core(m);
  }
  return out;
}

Instruction multiplies(uint32_t a, uint32_t b) {
  const uint32_t n = bits(a, 3, 0);
  const uint32_t m = bits(b, 3, 0);
  const uint32_t high = bits(b, 11, 8);
  const uint32_t low = bits(b, 15, 12);
  const RegisterSet factors = core(n) | core(m);
  if (!bit(a, 7)) {
    if (low == kPc) return plain(mul, core(high), factors);
    Instruction out = plain(mac, core(high), factors | core(low));
    out.accumulator = core(low) & ~factors;
    return out;
  }
  const uint32_t op = bits(a, 6, 4);
  if (op == 1 || op == 3) return plain(div, core(high), factors);
  const RegisterSet result = core(high) | core(low);
  if (op == 0 || op == 2) return plain(mul_long, result, factors);
  Instruction out = plain(mac_long, result, factors | result);
  out.accumulator = result & ~factors;
  return out;
}

// Coprocessors 10 and 11.
Instruction scalar_float(uint32_t a, uint32_t b) {
  const bool is_double = bit(b, 8);
  const auto reg = [&](uint32_t four, bool one) {
    return is_double ? twice(four | (one ? 16U : 0U)) : single(four << 1 | (one ? 1U : 0U));
  };
  const RegisterSet d = reg(bits(b, 15, 12), bit(a, 6));
  const RegisterSet n = reg(bits(a, 3, 0), bit(b, 7));
  const RegisterSet m = reg(bits(b, 3, 0), bit(b, 5));
  const bool is_second_space = bit(a, 12);
  if (bits(a, 11, 9) == 6) {  // EC, ED: memory
    const RegisterSet base = core(bits(a, 3, 0));
    if ((a & 0xFFE0U) == 0xEC40) {  // two core registers
      const RegisterSet pair = core(bits(b, 15, 12)) | core(bits(a, 3, 0));
      const RegisterSet floats = is_double ? m : m | m << 1;
      return bit(a, 4) ? plain(fp_move_pair, pair, floats) : plain(fp_move_pair, floats, pair);
    }
    const bool is_load = bit(a, 4);
    if (bit(a, 8) && !bit(a, 5)) {
      const TimingClass timing =
          is_load ? (is_double ? fp_load_double : fp_load) : (is_double ? fp_store_double : fp_store);
      return with_offset(access(timing, d, base, is_load), bits(b, 7, 0) * 4, bit(a, 7));
    }
    const uint32_t words = bits(b, 7, 0);
    const uint32_t first = static_cast<uint32_t>(std::countr_zero(d)) - 32;
    RegisterSet all = 0;
    for (uint32_t i = 0; i < words && first + i < 32; ++i) all |= single(first + i);
    Instruction out = access(is_load ? fp_load_multiple : fp_store_multiple, all, base, is_load);
    out.words = static_cast<std::uint8_t>(words);
    out.writes_back = bit(a, 5);
    return out;
  }
  if (bit(b, 4)) {  // between register files
    if (is_second_space) return plain(vec_int, d, n | m);
    if ((a & 0xFFE0U) == 0xEEE0) return plain(fp_move, bit(a, 4) ? core(bits(b, 15, 12)) : 0);  // vmrs, vmsr
    if (is_double) {                                                                            // lanes, vdup
      const RegisterSet lanes = vector(bits(a, 3, 1));
      const RegisterSet r = core(bits(b, 15, 12));
      return bit(a, 4) ? plain(vec_move, r, lanes) : plain(vec_move, lanes, r | lanes);
    }
    const RegisterSet s = single(bits(a, 3, 0) << 1 | bits(b, 7, 7));
    const RegisterSet r = core(bits(b, 15, 12));
    return bit(a, 4) ? plain(fp_move, r, s) : plain(fp_move, s, r);
  }
  if (is_second_space) return plain(is_double ? fp_double : fp_add, d, n | m);  // vsel, vmaxnm, vrint
  const auto arithmetic = [&](TimingClass timing) { return is_double ? fp_double : timing; };
  switch (bits(a, 7, 4) & 0xBU) {
    case 0x0:
    case 0x1:
    case 0x9:
    case 0xA: {
      Instruction out = plain(arithmetic(fp_mac), d, d | n | m);
      out.accumulator = d & ~(n | m);
      return out;
    }
    case 0x2: return plain(arithmetic(fp_mul), d, n | m);
    case 0x3: return plain(arithmetic(fp_add), d, n | m);
    case 0x8: return plain(is_double ? fp_div_double : fp_div, d, n | m);
    default: break;
  }
  if (!bit(b, 6)) return plain(fp_move, d);  // immediate
  const uint32_t op = bits(a, 3, 0);
  if (op == 1 && bit(b, 7)) return plain(is_double ? fp_sqrt_double : fp_sqrt, d, m);
  if (op <= 1) return plain(fp_move, d, m);
  if (op == 4 || op == 5) return plain(arithmetic(fp_add), 0, d | (op == 4 ? m : 0));
  return plain(arithmetic(fp_add), d, m);
}

Instruction helium(uint32_t a, uint32_t b) {
  const RegisterSet d = vector(bits(b, 15, 13));
  const RegisterSet n = vector(bits(a, 3, 1));
  const RegisterSet m = vector(bits(b, 3, 1));
  const uint32_t op = bits(b, 11, 8);
  if (bits(a, 11, 9) == 6) {
    if (op < 14) return plain(vec_fp, d, d | n | m);  // complex arithmetic
    const bool is_load = bit(a, 4);
    return access(is_load ? vec_load : vec_store, d, core(bits(a, 3, 0)), is_load);
  }
  if (bit(a, 8)) {  // EF, FF: three registers, or a shift by a constant
    if (bit(a, 7) && bit(b, 4)) return plain(vec_int, d, d | m);
    if (op == 9 && bit(b, 4)) return plain(vec_mul, d, n | m);
    if (op == 11 && !bit(b, 4)) return plain(vec_mul, d, n | m);
    if (op >= 12) return plain(vec_fp, d, n | m | (op == 12 ? d : 0));
    return plain(vec_int, d, n | m);
  }
  // EE, FE
  if (a == 0xFE71 && b == 0x0F4D) return plain(vec_predicate);
  const bool is_reduction_of_bytes = bits(a, 7, 4) == 15 && !bit(a, 0);  // VMLADAV.S8; VADDV has bit 0 set
  if (bit(a, 7) && (op == 14 || (op == 15 && is_reduction_of_bytes))) {
    const RegisterSet r = core(bits(b, 15, 12));
    Instruction out = plain(vec_reduce, r, r | n | m);
    out.accumulator = r;
    return out;
  }
  if (bit(a, 7) && op == 15) return plain(vec_int, core(bits(b, 15, 12)), m);
  if (op == 15 && bits(b, 15, 13) == 0 && bit(b, 12) == false && bit(a, 12)) return plain(vec_predicate, 0, n | m);
  const RegisterSet scalar = bit(b, 6) ? core(bits(b, 3, 0)) : m;
  return plain(op == 14 ? vec_mul : vec_int, d, d | n | scalar);
}

Instruction wide(uint32_t a, uint32_t b) {
  const uint32_t group = bits(a, 12, 11);
  if (bits(a, 11, 10) == 3 && group != 2) {
    const uint32_t coprocessor = bits(b, 11, 8);
    const bool is_vector_space = bits(a, 11, 8) == 15;  // EF, FF
    return !is_vector_space && (coprocessor == 10 || coprocessor == 11) ? scalar_float(a, b) : helium(a, b);
  }
  if (group == 1) {
    if (bit(a, 9)) return shifted_register(a, b);
    if (bit(a, 6)) return pairs_and_tables(a, b);
    if (a == 0xE89F) return plain(alu, list(b));  // clrm
    return multiple(bits(a, 3, 0), b, bit(a, 4), bit(a, 5));
  }
  if (group == 2) return bit(b, 15) ? branches_and_system(a, b) : immediate(a, b);
  if (!bit(a, 9)) return load_store_single(a, b);
  return bit(a, 8) ? multiplies(a, b) : registers(a, b);
}

}  // namespace

Instruction decode_thumb(std::span<const std::uint8_t> code) {
  const auto half = [&](std::size_t at) -> uint32_t {
    return at + 1 < code.size() ? code[at] | static_cast<uint32_t>(code[at + 1]) << 8 : 0;
  };
  const bool is_wide = half(0) >= 0xE800;
  Instruction out = is_wide ? wide(half(0), half(2)) : narrow(half(0));
  out.bytes = is_wide ? 4 : 2;
  return out;
}

}  // namespace mote
