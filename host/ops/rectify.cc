// Lowering of piecewise linear activations.
#include "host/ops/rectify.h"

#include "contract/quant/requantize.h"
#include "device/kernels/lookup/lookup.h"
#include "device/kernels/rectify/rectify.h"
#include "host/ops/lookup.h"

namespace mote {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
#include "device/kernels/lookup/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/rectify/rectify.h"
#include "device/kernels/rectify/kernels.inc"
};

}  // namespace

std::int32_t rectify_max_shift(DType type) { return type == DType::s8 ? 21 : 12; }

Result<Lowered> lower_rectify(const Graph& graph, const Node& node, const IsaSet& isas, const RectifyParams& params) {
  if (graph.tensor(node.inputs[0]).type == DType::s8) {
    return lower_lookup(graph, node, isas, [&params](std::int32_t x) {
      const std::int32_t v = x + params.in_offset;
      const bool positive = v >= 0;
      const std::int32_t scaled =
          quant::requantize_double_rounding(v, positive ? params.positive_multiplier : params.negative_multiplier,
                                            positive ? params.positive_shift : params.negative_shift);
      return quant::clamp(params.out_offset + scaled, params.clamp_min, params.clamp_max);
    });
  }
  RectifyParams p = params;
  p.count = narrow(elements(graph.tensor(node.inputs[0]).shape));
  return lower_unary(kRows, "rectify_s16",
                     params_blob("RectifyParams", "contract/ops/rectify_params.h", p,
                                 [](const auto& v, FieldWriter& f) {
                                   f("count", v.count), f("in_offset", v.in_offset);
                                   f("positive_multiplier", v.positive_multiplier);
                                   f("positive_shift", v.positive_shift);
                                   f("negative_multiplier", v.negative_multiplier);
                                   f("negative_shift", v.negative_shift);
                                   f("out_offset", v.out_offset);
                                   f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
                                 }),
                     node, isas);
}

Result<Lowered> lower_rectify_f32(const Graph& graph, const Node& node, const IsaSet& isas, float slope,
                                  float clamp_min, float clamp_max) {
  const RectifyF32Params p = {narrow(elements(graph.tensor(node.inputs[0]).shape)), slope, clamp_min, clamp_max};
  return lower_unary(kRows, "rectify_f32",
                     params_blob("RectifyF32Params", "contract/ops/rectify_params.h", p,
                                 [](const auto& v, FieldWriter& f) {
                                   f("count", v.count), f("slope", v.slope);
                                   f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
                                 }),
                     node, isas);
}

std::span<const KernelRow> rectify_rows() { return kRows; }

}  // namespace mote
