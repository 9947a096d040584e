// Parts of an axis of stated sizes on the host: inference of shapes, lowering to one copy per output.
#include <fmt/format.h>
#include <algorithm>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/parts.h"
#include "host/ops/unary.h"

namespace mote::ops::split_v {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// Inputs: tensor, sizes, axis.
Result<std::size_t> axis_of(const Graph& g, const Node& node) {
  MOTE_LET(axes, constant_integers(g, node.inputs[2], "axis"));
  if (axes.size() != 1) return Error{fmt::format("axis has {} values, not 1", axes.size()), "", ""};
  return resolve_axis(axes[0], g.tensor(node.inputs[0]).shape.size());
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(axis, axis_of(g, node));
  MOTE_LET(sizes, constant_integers(g, node.inputs[1], "sizes"));
  const Tensor& x = g.tensor(node.inputs[0]);
  if (sizes.size() != node.outputs.size()) {
    return Error{fmt::format("{} sizes for {} outputs", sizes.size(), node.outputs.size()), "", ""};
  }
  // One size may be -1: what the others leave.
  std::int64_t rest = x.shape[axis];
  for (const std::int64_t size : sizes) rest -= size > 0 ? std::min(size, rest) : 0;
  const auto open = std::find(sizes.begin(), sizes.end(), -1);
  if (open != sizes.end()) *open = rest;
  return infer_parts(x, axis, sizes);
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(axis, axis_of(g, node));
  return lower_parts_of(g, node, node.inputs[0], axis, isas);
}

std::vector<TfliteDerived> derived_options(const Graph& /*graph*/, const Node& node) {
  constexpr int kNumSplits = 0;
  return {{kNumSplits, static_cast<std::int32_t>(node.outputs.size())}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs, derived_options};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::split_v
