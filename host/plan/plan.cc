// Planning in three steps: buffers, offsets, proof.
#include "host/plan/plan.h"

#include "host/plan/buffers.h"
#include "host/plan/place.h"

namespace mote {

Status plan_memory(Program& program) {
  const Buffers buffers = find_buffers(program);
  const Placed placed = place_buffers(buffers.items, buffers.leads);
  const auto offset_of = [&](std::int32_t buffer) {
    return buffer < 0 ? -1 : placed.offset_bytes[static_cast<std::size_t>(buffer)];
  };
  Placement& out = program.placement;
  out = {};
  for (const std::int32_t b : buffers.of_tensor) out.tensor_offset.push_back(offset_of(b));
  for (const std::int32_t b : buffers.of_scratch) out.scratch_offset.push_back(offset_of(b));
  out.arena_bytes = placed.arena_bytes;
  out.lower_bound_bytes = placed.lower_bound_bytes;
  for (std::size_t b = 0; program.guard_bytes > 0 && b < buffers.items.size(); ++b) {
    const Buffer& buffer = buffers.items[b];
    out.guards.push_back({buffer.name, placed.offset_bytes[b] + buffer.used_bytes,
                          buffer.size_bytes - buffer.used_bytes, buffer.first, buffer.last});
  }
  return check_placement(program);
}

}  // namespace mote
