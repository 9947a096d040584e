// Reading constant operands: axes, shapes, paddings, begins.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// The values of an s32 or s64 constant with at most kMaxConstantIntegers elements.
// Errors: not constant, another type, too many; `what` names the operand ("axes").
inline constexpr std::int64_t kMaxConstantIntegers = 64;
Result<std::vector<std::int64_t>> constant_integers(const Graph& graph, TensorId id, std::string_view what);

// An axis counted from the front, from one that may be negative. Errors: outside [-rank, rank).
Result<std::size_t> resolve_axis(std::int64_t axis, std::size_t rank);

// Errors when the tensor's type is not in `allowed`; names what it is.
Status check_type(const Tensor& tensor, std::initializer_list<DType> allowed);

}  // namespace mote
