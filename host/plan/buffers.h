// From a program to the buffers that need memory: lifetimes, aliases, in-place execution.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/program/program.h"

namespace mote {

// Memory that must exist from step `first` to step `last`, both inclusive. Step i runs node i; step -1 is before the
// first node (inputs arrive), step N is after the last (outputs are read).
struct Buffer {
  std::string name;
  std::int64_t size_bytes = 0;  // rounded up to kArenaAlignment
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct Buffers {
  std::vector<Buffer> items;
  std::vector<std::int32_t> of_tensor;   // per tensor: index into items, -1 for constants and untouched tensors
  std::vector<std::int32_t> of_scratch;  // per node: index into items, -1 without scratch
};

// One buffer per group of tensors that share bytes, one per scratch. An output takes over its input's buffer where the
// kernel allows it, both have the same size, and nothing reads the input later.
[[nodiscard]] Buffers find_buffers(const Program& program);

}  // namespace mote
