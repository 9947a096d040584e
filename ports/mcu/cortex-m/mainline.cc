// armv7-m, armv7e-m, armv8-m mainline and armv8.1-m: coprocessor access and fault status.
#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

namespace {

// System control block (armv7-m and armv8-m architecture manuals, B3.2).
volatile std::uint32_t& cfsr() { return *reinterpret_cast<volatile std::uint32_t*>(0xE000ED28); }
volatile std::uint32_t& mmfar() { return *reinterpret_cast<volatile std::uint32_t*>(0xE000ED34); }
volatile std::uint32_t& bfar() { return *reinterpret_cast<volatile std::uint32_t*>(0xE000ED38); }
volatile std::uint32_t& cpacr() { return *reinterpret_cast<volatile std::uint32_t*>(0xE000ED88); }

constexpr std::uint32_t kMemoryAddressValid = 1U << 7;
constexpr std::uint32_t kBusAddressValid = 1U << 15;

struct Cause {
  std::uint32_t mask;
  const char* text;
};

// The first that matches is told.
constexpr Cause kCauses[] = {
    {1U << 20 | 1U << 12 | 1U << 4, "stack overflow"},
    {1U << 16, "undefined instruction"},
    {1U << 17, "invalid state: a jump to an even address"},
    {1U << 19, "coprocessor not available"},
    {1U << 24, "unaligned access"},
    {1U << 25, "division by zero"},
    {1U << 8 | 1U << 0, "no memory at the instruction's address"},
    {0xFF00U | 0xFFU, "no memory at the data's address"},
};

}  // namespace

extern "C" void mote_enable_coprocessors() {
  cpacr() = cpacr() | 0xFU << 20;  // CP10 and CP11; ignored where there is no FPU
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

namespace mote::cortex_m {

const char* fault_text() {
  const std::uint32_t status = cfsr();
  for (const Cause& cause : kCauses) {
    if ((status & cause.mask) != 0) return cause.text;
  }
  return "hard fault";
}

std::uint32_t fault_address() {
  const std::uint32_t status = cfsr();
  if ((status & kBusAddressValid) != 0) return bfar();
  if ((status & kMemoryAddressValid) != 0) return mmfar();
  return bare::kUnknown;
}

}  // namespace mote::cortex_m
