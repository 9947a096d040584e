// Names and kinds of timing classes.
#include "host/cycles/instruction.h"

namespace mote {

std::string_view name_of(TimingClass c) {
  static constexpr std::array<std::string_view, kTimingClasses> kNames = {"alu",
                                                                          "alu_shifted",
                                                                          "dsp",
                                                                          "mul",
                                                                          "mac",
                                                                          "mul_long",
                                                                          "mac_long",
                                                                          "div",
                                                                          "load",
                                                                          "load_narrow",
                                                                          "load_pc",
                                                                          "store",
                                                                          "store_register",
                                                                          "load_pair",
                                                                          "store_pair",
                                                                          "load_multiple",
                                                                          "load_multiple_pc",
                                                                          "store_multiple",
                                                                          "branch",
                                                                          "branch_if",
                                                                          "branch_register",
                                                                          "call",
                                                                          "call_register",
                                                                          "table_branch",
                                                                          "if_then",
                                                                          "nop",
                                                                          "system",
                                                                          "loop_start",
                                                                          "loop_end",
                                                                          "fp_load",
                                                                          "fp_load_double",
                                                                          "fp_store",
                                                                          "fp_store_double",
                                                                          "fp_load_multiple",
                                                                          "fp_store_multiple",
                                                                          "fp_move",
                                                                          "fp_move_pair",
                                                                          "fp_add",
                                                                          "fp_mul",
                                                                          "fp_mac",
                                                                          "fp_div",
                                                                          "fp_sqrt",
                                                                          "fp_double",
                                                                          "fp_div_double",
                                                                          "fp_sqrt_double",
                                                                          "vec_load",
                                                                          "vec_store",
                                                                          "vec_int",
                                                                          "vec_mul",
                                                                          "vec_reduce",
                                                                          "vec_fp",
                                                                          "vec_move",
                                                                          "vec_predicate",
                                                                          "unknown"};
  return kNames[static_cast<std::size_t>(c)];
}

bool Instruction::is_single_load() const {
  return timing == TimingClass::load || timing == TimingClass::load_narrow || timing == TimingClass::fp_load;
}

bool Instruction::is_single_store() const {
  return timing == TimingClass::store || timing == TimingClass::store_register || timing == TimingClass::fp_store;
}

bool Instruction::is_branch() const {
  switch (timing) {
    case TimingClass::load_pc:
    case TimingClass::load_multiple_pc:
    case TimingClass::branch:
    case TimingClass::branch_if:
    case TimingClass::branch_register:
    case TimingClass::call:
    case TimingClass::call_register:
    case TimingClass::table_branch:
    case TimingClass::loop_start:
    case TimingClass::loop_end: return true;
    default: return false;
  }
}

}  // namespace mote
