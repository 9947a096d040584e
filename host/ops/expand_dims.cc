// Insertion of a dimension of size 1 on the host: the same bytes under another shape.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::expand_dims {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(axes, constant_integers(g, node.inputs[1], "axis"));
  if (axes.size() != 1) return Error{fmt::format("axis has {} values, not 1", axes.size()), "", ""};
  MOTE_LET(axis, resolve_axis(axes[0], x.shape.size() + 1));
  Shape shape = x.shape;
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  return std::vector<Inferred>{{x.type, shape}};
}

Result<Lowered> lower(const Graph& /*g*/, const Node& /*node*/, const IsaSet& /*isas*/) { return Lowered::alias(); }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::expand_dims
