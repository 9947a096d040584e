// Trading instructions for memory: the choices that make the arena smaller.
#pragma once

#include "host/program/program.h"

namespace mote {

// The arena for a goal: plans memory, and before that makes it small for Goal::ram. For Goal::balanced the program is
// lowered again, with kernels that unfold weights, if it may, and without, and made smaller and smaller. Of what needs
// at most kBalancedTime of the time of Goal::latency, by the kernels' costs, and kBalancedBytes of the arena of
// Goal::ram, the quickest is taken, and of those about as quick the smallest; where nothing keeps both, what exceeds
// its worse bound least. Fills program.placement and proves it.
Status plan_memory_for(Program& program, const IsaSet& isas, bool may_unfold = true);

inline constexpr double kBalancedTime = 1.15;
inline constexpr double kBalancedBytes = 1.4;

}  // namespace mote
