// How much stack was used: the deepest word that no longer carries the paint.
#include <cstdint>

#include "ports/harness/port.h"
#include "ports/mcu/bare/bare.h"

namespace mote::harness {
namespace {

std::uint32_t most_used = 0;

// The lowest stack address written since it was painted.
std::uintptr_t lowest_written() {
  const std::uint32_t* word = mote_stack_limit;
  while (word != mote_stack_top && *word == bare::kStackPaint) ++word;
  // Not every core can catch the write itself.
  if (word == mote_stack_limit) bare::report_fault(bare::kUnknown, bare::kUnknown, bare::kUnknown, "stack overflow");
  const auto address = reinterpret_cast<std::uintptr_t>(word);
  const auto used = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(mote_stack_top) - address);
  if (used > most_used) most_used = used;
  return address;
}

}  // namespace

std::uint32_t invoke_on_painted_stack(Invoke invoke, std::uint8_t* arena) {
  lowest_written();  // painting again would forget what the program used so far
  const std::uintptr_t before = mote_paint_and_invoke(invoke, arena);
  const std::uintptr_t lowest = lowest_written();
  // Above `before`, where the caller left words of its frame unwritten, an older coat of paint may still show.
  return lowest < before ? static_cast<std::uint32_t>(before - lowest) : 0;
}

std::uint32_t stack_high_water_bytes() {
  lowest_written();
  return most_used;
}

}  // namespace mote::harness
