// What operators with one input and one output of the same shape share.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"

namespace mote {

// The quantisation of input 0 and output 0. Errors: either is not quantised per tensor.
struct UnaryQuant {
  PerTensor in;
  PerTensor out;
};
Result<UnaryQuant> unary_quant(const Graph& graph, const Node& node);

// Proves the input's type to be among `allowed` and the output's type the same; returns the input's type and shape.
Result<std::vector<Inferred>> infer_unary(const Graph& graph, const Node& node, std::initializer_list<DType> allowed);

// As quantize_multiplier, for a factor of either sign, and at most `max_shift`. A product of v < 2^b with it stays
// below 2^(b + max_shift). Errors: a factor of 2^max_shift or more.
Result<Multiplier> bounded_multiplier(double real, std::int32_t max_shift);

// Lowers a node to one kernel that reads input 0 and writes output 0 element by element, in place where wanted.
Result<Lowered> lower_unary(std::span<const KernelRow> rows, std::string_view family, ParamsBlob params,
                            const Node& node, const IsaSet& isas);

// The same for kernels without parameters of their own.
Result<Lowered> lower_elementwise(std::span<const KernelRow> rows, std::string_view family, const Graph& graph,
                                  const Node& node, const IsaSet& isas);

// The MAC count of operators that do none.
std::int64_t no_macs(const Graph& graph, const Node& node);

}  // namespace mote
