// Axes walked backwards, on the host: a copy with negative strides.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::reverse_v2 {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<StridedCopy> backwards(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(axes, constant_integers(g, node.inputs[1], "the axes"));
  StridedCopy copy = {x, strides_of(x), strides_of(x), 0, 0};
  for (const std::int64_t a : axes) {
    MOTE_LET(axis, resolve_axis(a, x.size()));
    if (copy.in_stride[axis] < 0) return Error{fmt::format("reverses axis {} twice", axis), "", "name each axis once"};
    copy.in_begin += (x[axis] - 1) * copy.in_stride[axis];
    copy.in_stride[axis] = -copy.in_stride[axis];
  }
  return copy;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(copy, backwards(g, node));
  MOTE_TRY(check_copy(copy));
  return std::vector<Inferred>{{x.type, x.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(copy, backwards(g, node));
  return lower_copy(copy, g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::reverse_v2
