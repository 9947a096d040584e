// What relu, relu6 and leaky_relu share: two slopes and a clamp.
#pragma once

#include "contract/ops/rectify_params.h"
#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/unary.h"

namespace mote {

// Lowers to a lookup (s8, the table made by the same arithmetic as the s16 kernel) or to the rectify kernels.
Result<Lowered> lower_rectify(const Graph& graph, const Node& node, const IsaSet& isas, const RectifyParams& params);
Result<Lowered> lower_rectify_f32(const Graph& graph, const Node& node, const IsaSet& isas, float slope,
                                  float clamp_min, float clamp_max);

// The largest shift for which the products of the type's differences from the zero point stay below 2^30.
[[nodiscard]] std::int32_t rectify_max_shift(DType type);

// The rows of device/kernels/lookup and device/kernels/rectify.
[[nodiscard]] std::span<const KernelRow> rectify_rows();

}  // namespace mote
