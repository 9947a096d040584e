// What average_pool_2d and max_pool_2d share.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"

namespace mote {

// Attributes: padding, stride_h, stride_w, kernel_h, kernel_w, activation.
Status pool_from_tflite(const TfliteOptions& options, const Graph& graph, Node& node);

// The largest windows whose accumulator is proven not to overflow.
struct PoolLimits {
  std::int64_t max_area_s8;
  std::int64_t max_area_s16;
};

// Errors: not [N,H,W,C], a type without kernel, a window that is too large or can lie wholly in the padding.
Result<std::vector<Inferred>> infer_pool(const Graph& graph, const Node& node, const PoolLimits& limits);

// Selects `<op>_<dtype>` among rows.
Result<Lowered> lower_pool(const Graph& graph, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                           std::string_view op);

}  // namespace mote
