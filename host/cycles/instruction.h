// What the timing models need to know of an instruction: its class, and the registers it waits for and makes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace mote {

// Instructions that every core of a family times alike. Names as in the timing tables (ports/timing).
enum class TimingClass : std::uint8_t {
  alu,          // moves, adds, logic, compares, shifts by themselves
  alu_shifted,  // with a shift folded into an operand, or a rotated constant
  dsp,          // bit fields, extensions, saturation, byte-wise and halfword-wise arithmetic
  mul,          // 32-bit result
  mac,          // and accumulate
  mul_long,     // 64-bit result; on RISC-V the upper half
  mac_long,
  div,
  load,
  load_narrow,  // byte or halfword
  load_pc,      // a jump through memory
  store,
  store_register,  // with a register as offset
  load_pair,
  store_pair,
  load_multiple,
  load_multiple_pc,
  store_multiple,
  branch,  // to a known address, always
  branch_if,
  branch_register,
  call,
  call_register,
  table_branch,
  if_then,
  nop,
  system,      // special registers, barriers, hints, supervisor calls
  loop_start,  // low-overhead loops of Armv8.1-M
  loop_end,
  fp_load,
  fp_load_double,
  fp_store,
  fp_store_double,
  fp_load_multiple,
  fp_store_multiple,
  fp_move,       // between registers, of either kind
  fp_move_pair,  // two core registers
  fp_add,        // also compares, conversions, rounding
  fp_mul,
  fp_mac,  // rounded twice or once
  fp_div,
  fp_sqrt,
  fp_double,  // any arithmetic on doubles but division and root
  fp_div_double,
  fp_sqrt_double,
  vec_load,
  vec_store,
  vec_int,
  vec_mul,
  vec_reduce,  // multiply-accumulate over all lanes into a core register
  vec_fp,
  vec_move,  // lanes to and from core registers
  vec_predicate,
  unknown,
};
inline constexpr std::size_t kTimingClasses = static_cast<std::size_t>(TimingClass::unknown) + 1;
[[nodiscard]] std::string_view name_of(TimingClass c);

// Sets of registers: bits 0 to 31 core registers, 32 to 63 floating point (a double is two, a vector four).
using RegisterSet = std::uint64_t;

struct Instruction {
  TimingClass timing = TimingClass::unknown;
  std::uint8_t bytes = 0;
  std::uint8_t words = 0;    // of the classes *_multiple, with the pc
  bool writes_back = false;  // the address register changes too
  bool sets_flags = false;
  bool adds_registers = false;  // the address is a sum of registers
  bool knows_offset = false;    // the address is one register and `offset`
  std::int32_t offset = 0;
  RegisterSet reads = 0;        // all operands
  RegisterSet writes = 0;       // results, without the changed address register
  RegisterSet address = 0;      // of `reads`: needed for the address
  RegisterSet data = 0;         // of `reads`: only stored
  RegisterSet accumulator = 0;  // of `reads`: only added to
  RegisterSet shifted = 0;      // of `reads`: shifted or extracted before use

  [[nodiscard]] bool is_single_load() const;
  [[nodiscard]] bool is_single_store() const;
  [[nodiscard]] bool is_branch() const;  // may change the pc
};

// The instruction whose bytes, in the order of memory, begin `code`. Never fails: what is not recognised is `unknown`.
Instruction decode_thumb(std::span<const std::uint8_t> code);
Instruction decode_riscv(std::span<const std::uint8_t> code);

}  // namespace mote
