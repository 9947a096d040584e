// Rows picked by index on the host: import, inference of shapes, lowering.
#include "device/kernels/gather/gather.h"

#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::gather {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/gather/gather.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/gather/kernels.inc"
};

// Field ids of GatherOptions.
enum Field { kAxis = 0, kBatchDims = 1 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("axis", options.i32(kAxis, 0));
  node.attrs.set("batch_dims", options.i32(kBatchDims, 0));
  return {};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& index = g.tensor(node.inputs[1]);
  MOTE_TRY(check_type(x, {DType::s8, DType::f32}));
  MOTE_TRY(check_type(index, {DType::s32}));
  if (node.attrs.integer("batch_dims", 0) != 0) {
    return Error{"batch dimensions are not supported", "", "gather from one table with batch_dims 0"};
  }
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), x.shape.size()));
  Shape shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), index.shape.begin(), index.shape.end());
  shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
  return std::vector<Inferred>{{x.type, shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), x.shape.size()));
  GatherParams p = {1, narrow(x.shape[axis]), 1, narrow(elements(g.tensor(node.inputs[1]).shape))};
  for (std::size_t d = 0; d < x.shape.size(); ++d) {
    if (d < axis) p.outer *= narrow(x.shape[d]);
    if (d > axis) p.inner *= narrow(x.shape[d]);
  }
  KernelCall call;
  call.params = params_blob("GatherParams", "contract/ops/gather_params.h", p, [](const auto& v, FieldWriter& f) {
    f("outer", v.outer), f("axis", v.axis), f("inner", v.inner), f("indices", v.indices);
  });
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.inputs[1]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, fmt::format("gather_x{}", 8 * size_bytes(x.type)), isas, call));
  return Lowered::of(std::move(call));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::gather
