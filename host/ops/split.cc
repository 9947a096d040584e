// Equal parts of an axis on the host: inference of shapes, lowering to one copy per output.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/parts.h"
#include "host/ops/unary.h"

namespace mote::ops::split {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// Inputs: axis, tensor.
Result<std::size_t> axis_of(const Graph& g, const Node& node) {
  MOTE_LET(axes, constant_integers(g, node.inputs[0], "axis"));
  if (axes.size() != 1) return Error{fmt::format("axis has {} values, not 1", axes.size()), "", ""};
  return resolve_axis(axes[0], g.tensor(node.inputs[1]).shape.size());
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(axis, axis_of(g, node));
  const Tensor& x = g.tensor(node.inputs[1]);
  const auto parts = static_cast<std::int64_t>(node.outputs.size());
  if (x.shape[axis] % parts != 0) {
    return Error{fmt::format("axis {} of {} cannot be split into {} equal parts", axis, text_of(x.shape), parts), "",
                 ""};
  }
  return infer_parts(x, axis, std::vector<std::int64_t>(node.outputs.size(), x.shape[axis] / parts));
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(axis, axis_of(g, node));
  return lower_parts_of(g, node, node.inputs[1], axis, isas);
}

std::vector<TfliteDerived> derived_options(const Graph& /*graph*/, const Node& node) {
  constexpr int kNumSplits = 0;
  return {{kNumSplits, static_cast<std::int32_t>(node.outputs.size())}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs, derived_options};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::split
