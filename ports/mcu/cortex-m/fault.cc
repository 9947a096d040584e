// Turns an exception into a report.
#include <cstdint>

#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

namespace {

// What the processor pushes: r0-r3, r12, lr, pc, xpsr.
constexpr std::uint32_t kFrameBytes = 32;
constexpr int kLr = 5;
constexpr int kPc = 6;
constexpr std::uint32_t kNmi = 2;
constexpr std::uint32_t kLastFault = 7;

}  // namespace

extern "C" [[noreturn]] void mote_fault(std::uintptr_t sp, std::uint32_t exception) {
  using namespace mote;
  const auto limit = reinterpret_cast<std::uintptr_t>(mote_stack_limit);
  const auto top = reinterpret_cast<std::uintptr_t>(mote_stack_top);
  if (sp < limit || sp > top - kFrameBytes) {
    bare::report_fault(bare::kUnknown, bare::kUnknown, static_cast<std::uint32_t>(sp), "stack overflow");
  }
  const auto* frame = reinterpret_cast<const std::uint32_t*>(sp);
  const bool is_fault = exception > kNmi && exception <= kLastFault;
  bare::report_fault(frame[kPc], frame[kLr], is_fault ? cortex_m::fault_address() : bare::kUnknown,
                     is_fault ? cortex_m::fault_text() : "unexpected interrupt");
}
