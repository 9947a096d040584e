// Permutation of dimensions on the host: import, inference of shapes, lowering to a strided copy.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::transpose {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<StridedCopy> copy_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(permutation, constant_integers(g, node.inputs[1], "permutation"));
  if (permutation.size() != x.size()) {
    return Error{fmt::format("permutation has {} entries for {} dimensions", permutation.size(), x.size()), "", ""};
  }
  const std::vector<std::int64_t> strides = strides_of(x);
  std::vector<bool> used(x.size(), false);
  StridedCopy copy;
  for (const std::int64_t p : permutation) {
    MOTE_LET(axis, resolve_axis(p, x.size()));
    if (used[axis]) return Error{fmt::format("permutation names axis {} twice", p), "", ""};
    used[axis] = true;
    copy.extent.push_back(x[axis]);
    copy.in_stride.push_back(strides[axis]);
  }
  copy.out_stride = strides_of(copy.extent);
  return copy;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(copy, copy_of(g, node));
  MOTE_TRY(check_copy(copy));
  return std::vector<Inferred>{{g.tensor(node.inputs[0]).type, copy.extent}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(copy, copy_of(g, node));
  return lower_copy(copy, g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::transpose
