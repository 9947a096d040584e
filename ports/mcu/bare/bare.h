// What chips without an operating system share, and what each family adds to it.
#pragma once

#include <cstdint>

// Given by the family, in assembly.
extern "C" {
// A semihosting call: the operation and its argument, as the Arm semihosting specification numbers them.
long mote_semihost(long operation, const void* argument);
// Fills the stack below the caller with kStackPaint, then returns invoke's stack pointer after calling invoke(arena).
std::uintptr_t mote_paint_and_invoke(void (*invoke)(std::uint8_t*), std::uint8_t* arena);
}

// Given by the linker script.
extern "C" {
extern std::uint32_t mote_stack_limit[];
extern std::uint32_t mote_stack_top[];
}

namespace mote::bare {

// The same number stands in the families' assembly.
inline constexpr std::uint32_t kStackPaint = 0xA5A5A5A5;

// Reports a fault in fault.bin (u32 pc, u32 return address, u32 data address, text) and ends the program.
// An address that is not known is kUnknown.
inline constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
[[noreturn]] void report_fault(std::uint32_t pc, std::uint32_t return_address, std::uint32_t data_address,
                               const char* text);

}  // namespace mote::bare
