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
  std::int64_t used_bytes = 0;  // of the size: not what it was rounded up by, nor a guard
};

// Buffer `below` is written while `above` is read for the last time: their bytes may overlap where `above` begins at
// least lead_bytes after `below`.
struct Lead {
  std::int32_t below = 0;
  std::int32_t above = 0;
  std::int64_t lead_bytes = 0;  // rounded up to kArenaAlignment, less than the size of `below`
};

struct Buffers {
  std::vector<Buffer> items;
  std::vector<Lead> leads;
  std::vector<std::int32_t> of_tensor;   // per tensor: index into items, -1 for constants and untouched tensors
  std::vector<std::int32_t> of_scratch;  // per node: index into items, -1 without scratch
};

// One buffer per group of tensors that share bytes, one per scratch. An output takes over its input's buffer where the
// kernel allows it at the same address, both have the same size, and nothing reads the input later; where the kernel
// allows an overlap, the two get a lead. A state keeps its buffer forever; only its own new value may take it over.
[[nodiscard]] Buffers find_buffers(const Program& program);

}  // namespace mote
