// What add, sub and mul share.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/broadcast.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"

namespace mote {

// Attributes: activation.
Status binary_from_tflite(const TfliteOptions& options, const Graph& graph, Node& node);

// The params of a quantised call. Errors: bad scales or zero points; scales that could overflow 32 bits.
using QuantizedBinary = Result<ParamsBlob> (*)(const Graph& graph, const Node& node, const BroadcastWalk& walk);
Result<ParamsBlob> scaled_sum(const Graph& graph, const Node& node, const BroadcastWalk& walk);      // add, sub
Result<ParamsBlob> scaled_product(const Graph& graph, const Node& node, const BroadcastWalk& walk);  // mul

// Errors: operands of different types, without kernel, or that do not broadcast; an s32 result with an activation;
// those of `quantized`.
Result<std::vector<Inferred>> infer_binary(const Graph& graph, const Node& node, QuantizedBinary quantized);

// Selects `<op>_<dtype>` among rows.
Result<Lowered> lower_binary(const Graph& graph, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                             std::string_view op, QuantizedBinary quantized);

}  // namespace mote
