// Operator rules over a whole graph.
#pragma once

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Runs every operator's infer in order and requires that it agrees with the types and shapes the graph states.
// Errors name the operator. Call after verify_structure.
Status check_operators(const Graph& graph);

// verify_structure, then check_operators.
Status verify(const Graph& graph);

}  // namespace mote
