// What split and split_v share: consecutive parts of one axis.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"

namespace mote {

// The types and shapes of `sizes.size()` consecutive parts of `input` along `axis`.
// Errors: the sizes are below 1 or do not sum to the axis.
Result<std::vector<Inferred>> infer_parts(const Tensor& input, std::size_t axis,
                                          const std::vector<std::int64_t>& sizes);

// One copy per output.
Result<Lowered> lower_parts_of(const Graph& graph, const Node& node, TensorId input, std::size_t axis,
                               const IsaSet& isas);

}  // namespace mote
