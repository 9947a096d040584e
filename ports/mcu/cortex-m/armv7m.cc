// armv7-m and armv7e-m: a region of the memory protection unit below the stack.
#include <cstdint>

#include "ports/mcu/bare/bare.h"
#include "ports/mcu/cortex-m/cortex_m.h"

extern "C" const std::uint8_t mote_flash_end[];

extern "C" void mote_protect_stack() {
  // armv7-m architecture manual, B3.5.
  auto* const mpu = reinterpret_cast<volatile std::uint32_t*>(0xE000ED90);
  enum Register { kType = 0, kControl = 1, kRegionNumber = 2, kRegionBase = 3, kRegionAttributes = 4 };
  constexpr std::uint32_t kRegionCount = 0xFF00;
  constexpr std::uint32_t kEnabledWithDefaultMap = 1U << 0 | 1U << 2;
  const auto limit = reinterpret_cast<std::uintptr_t>(mote_stack_limit);
  // A region is aligned to its size, a power of two of at least 32 bytes.
  std::uint32_t log2_bytes = 16;
  while (log2_bytes >= 5 && limit % (std::uint32_t{1} << log2_bytes) != 0) --log2_bytes;
  const std::uint32_t bytes = std::uint32_t{1} << log2_bytes;
  const bool is_free = reinterpret_cast<std::uintptr_t>(mote_flash_end) <= limit - bytes ||
                       mote_flash_end > reinterpret_cast<const std::uint8_t*>(mote_stack_top);
  if (log2_bytes < 5 || !is_free || (mpu[kType] & kRegionCount) == 0) return;
  mpu[kRegionNumber] = 0;
  mpu[kRegionBase] = limit - bytes;
  mpu[kRegionAttributes] = (log2_bytes - 1) << 1 | 1U;  // no access
  mpu[kControl] = kEnabledWithDefaultMap;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}
