// What logistic and tanh share: the preparation of their fixed-point arguments.
#pragma once

#include <cstdint>

#include "contract/ops/sigmoid_params.h"
#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/unary.h"

namespace mote {

// int8: the argument in Q4 is (x - zero_point) * multiplier; from `radius` on the function saturates.
struct SigmoidArgument {
  std::int32_t zero_point = 0;
  std::int32_t radius = 0;
  std::int32_t multiplier = 0;
  std::int32_t shift = 0;
};
// Errors: a scale below 2^-28, for which the reference is undefined.
Result<SigmoidArgument> sigmoid_argument(const PerTensor& in);

// int16: the kernels' parameters. max_exact_shift: input scales 2^-12 .. 2^(max_exact_shift - 12) that are powers of
// two are multiplied exactly. Errors: zero points other than 0; an input scale above 2.66; an output scale other than
// 2^-15.
Result<SigmoidParams> sigmoid_params(const Graph& graph, const Node& node, std::int32_t max_exact_shift);
ParamsBlob sigmoid_params_blob(const SigmoidParams& params);

// Errors when the output is not quantised as the operator's definition fixes it.
Status check_fixed_output(const Graph& graph, const Node& node, double scale, std::int32_t zero_point);

}  // namespace mote
