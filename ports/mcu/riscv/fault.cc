// Turns a trap into a report.
#include <cstdint>

#include "ports/mcu/bare/bare.h"

namespace {

// Exception codes of the RISC-V privileged specification, table 3.6.
constexpr const char* kCauses[] = {
    "misaligned jump",       "no memory at the instruction's address",
    "undefined instruction", "breakpoint",
    "misaligned load",       "no memory at the address that is read",
    "misaligned store",      "no writable memory at the address",
};
constexpr std::uint32_t kCauseCount = sizeof kCauses / sizeof kCauses[0];

}  // namespace

extern "C" [[noreturn]] void mote_fault(std::uint32_t pc, std::uint32_t return_address, std::uint32_t data_address,
                                        std::uint32_t cause, std::uintptr_t sp) {
  const char* text = cause < kCauseCount ? kCauses[cause] : "unexpected trap";
  if (sp < reinterpret_cast<std::uintptr_t>(mote_stack_limit)) text = "stack overflow";
  mote::bare::report_fault(pc, return_address, data_address, text);
}
