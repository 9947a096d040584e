// The verifier: what must hold of every graph, at any time.
#pragma once

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// All constants of a graph together, and all its activations together, stay below these: far above what any
// microcontroller holds, far below what would trouble the host.
inline constexpr std::int64_t kMaxConstantBytes = std::int64_t{1} << 28;
inline constexpr std::int64_t kMaxActivationBytes = std::int64_t{1} << 28;

// At most kMaxRank dimensions, each >= 1, whose product is <= kMaxElements: elements(shape) is safe afterwards.
Status check_shape(const Shape& shape);

// Checks a graph's structure: ids in range, constants of the right size, dimensions and element counts bounded,
// quantisation sound (finite scales above 0, zero points within the type, one or one per channel), every tensor written
// at most once and before it is read, arity per operator, inputs and outputs present, distinct and not constant, states
// that keep their type, shape and size. Knows
// no operator beyond its arity; the operators' own rules are checked by infer_shapes.
Status verify_structure(const Graph& graph);

}  // namespace mote
