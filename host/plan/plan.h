// The memory planner: every tensor and scratch of a program gets its place in one arena.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/program/program.h"

namespace mote {

// Fills program.placement and proves it with check_placement.
Status plan_memory(Program& program);

// Replays the program over a map of who last wrote each arena byte. Shares no code with the planner and uses none of
// its lifetimes: a read of a byte that another tensor has overwritten since is an error, as is an output that overlaps
// an input without the kernel allowing it. Errors: the first conflict, naming operator, tensor and byte.
Status check_placement(const Program& program);

// Memory in the arena from step `first` to step `last`; step i runs node i, -1 is before the first, N after the last.
struct PlacedBuffer {
  std::string name;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};
[[nodiscard]] std::vector<PlacedBuffer> placed_buffers(const Program& program);

// The arena over time, for people: one row per tensor, one column per step.
[[nodiscard]] std::string placement_text(const Program& program);
[[nodiscard]] std::string placement_svg(const Program& program);

}  // namespace mote
