// Trading instructions for memory: the choices that make the arena smaller.
#pragma once

#include <cstdint>

#include "host/program/program.h"

namespace mote {

// Where a step of the program needs more than `target_bytes`, and the most of all steps, takes the choice that lowers
// it: a kernel with less scratch, or running several nodes together in bands of rows. Ends when no choice helps. `isas`
// are those the program was lowered for. The placement is not made.
void reduce_memory(Program& program, const IsaSet& isas, std::int64_t target_bytes);

// The arena for a goal: plans memory, and before that makes it small for Goal::ram, or for Goal::balanced as small as
// kBalancedFactor times that. Fills program.placement and proves it.
Status plan_memory_for(Program& program, const IsaSet& isas);

inline constexpr double kBalancedFactor = 1.3;

}  // namespace mote
