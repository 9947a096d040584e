// The table of models that the firmware builder writes beside the harness.
#pragma once

#include <cstdint>

#include "ports/harness/port.h"

namespace mote::harness {

// An input or output, as bytes in the arena.
struct Port {
  std::uint32_t offset_bytes;
  std::uint32_t size_bytes;
};

struct Model {
  Invoke invoke;
  Invoke reset;  // null: the model has no state
  const Port* inputs;
  std::uint32_t input_count;
  const Port* outputs;
  std::uint32_t output_count;
};

extern const Model kModels[];
extern const std::uint32_t kModelCount;
extern std::uint32_t stack_bytes[];  // one per model: the most that an invoke used
extern std::uint32_t record;         // how many records were finished
extern std::uint8_t arena[];         // as large as the largest model needs

}  // namespace mote::harness
