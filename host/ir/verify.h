// The verifier: what must hold of every graph, at any time.
#pragma once

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Checks a graph's structure: ids in range, constants of the right size, dimensions and element counts bounded, every
// tensor written at most once and before it is read, arity per operator, inputs and outputs named, no orphan outputs.
// Knows no operator beyond its arity; the operators' own rules are checked by infer_shapes.
Status verify_structure(const Graph& graph);

}  // namespace mote
