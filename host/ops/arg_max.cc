// The index of the largest element on the host: inference of shapes, lowering.
#include "device/kernels/arg_max/arg_max.h"

#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::arg_max {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/arg_max/arg_max.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/arg_max/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::size_t> axis_of(const Graph& g, const Node& node) {
  MOTE_LET(axes, constant_integers(g, node.inputs[1], "axis"));
  if (axes.size() != 1) return Error{fmt::format("axis has {} values, not 1", axes.size()), "", ""};
  return resolve_axis(axes[0], g.tensor(node.inputs[0]).shape.size());
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, {DType::s8, DType::f32}));
  MOTE_LET(axis, axis_of(g, node));
  Shape shape = x.shape;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return std::vector<Inferred>{{DType::s32, shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(axis, axis_of(g, node));
  ArgMaxParams p = {1, narrow(x.shape[axis]), 1};
  for (std::size_t d = 0; d < x.shape.size(); ++d) {
    if (d < axis) p.outer *= narrow(x.shape[d]);
    if (d > axis) p.inner *= narrow(x.shape[d]);
  }
  KernelCall call;
  call.params = params_blob("ArgMaxParams", "contract/ops/arg_max_params.h", p, [](const auto& v, FieldWriter& f) {
    f("outer", v.outer), f("axis", v.axis), f("inner", v.inner);
  });
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, fmt::format("arg_max_{}", name_of(x.type)), isas, call));
  return Lowered::of(std::move(call));
}

std::vector<TfliteDerived> derived_options(const Graph& g, const Node& node) {
  constexpr int kOutputType = 0;
  constexpr std::int32_t kInt32 = 2, kInt64 = 4;  // codes of the container's types
  return {{kOutputType, g.tensor(node.outputs[0]).type == DType::s64 ? kInt64 : kInt32, true}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs, derived_options};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::arg_max
