// What operators of two operands share whose kernels are told nothing but the walk: maximum, minimum, float
// differences.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ops/broadcast.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"

namespace mote {

// Errors: operands of different or other types, or that do not broadcast.
Result<std::vector<Inferred>> infer_plain_binary(const Graph& graph, const Node& node,
                                                 std::initializer_list<DType> allowed);

// Errors: an operand whose numbers mean something else than the output's.
Status check_one_quantization(const Graph& graph, const Node& node);

// Adds both operands and the output to a call that has its params; in place where an operand has the output's shape.
Result<Lowered> finish_binary(const Graph& graph, const Node& node, const IsaSet& isas, std::span<const KernelRow> rows,
                              std::string_view op, ParamsBlob params);

// The same for a kernel of `<op>_<dtype>` that takes BroadcastParams.
Result<Lowered> lower_plain_binary(const Graph& graph, const Node& node, const IsaSet& isas,
                                   std::span<const KernelRow> rows, std::string_view op);

}  // namespace mote
