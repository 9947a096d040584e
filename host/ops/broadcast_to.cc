// A tensor repeated to a larger shape, on the host: a copy with strides of 0.
#include <fmt/format.h>

#include "host/ir/verify.h"
#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::broadcast_to {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<StridedCopy> repeated(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(y, constant_integers(g, node.inputs[1], "the shape"));
  if (Status s = check_shape(y); !s.ok()) return std::move(s).error();
  bool fits = x.size() <= y.size();
  StridedCopy copy = {y, std::vector<std::int64_t>(y.size(), 0), strides_of(y), 0, 0};
  const std::vector<std::int64_t> strides = strides_of(x);
  for (std::size_t i = 0; fits && i < x.size(); ++i) {
    const std::size_t d = y.size() - x.size() + i;
    fits = x[i] == 1 || x[i] == y[d];
    copy.in_stride[d] = x[i] == 1 ? 0 : strides[i];
  }
  if (!fits)
    return Error{fmt::format("{} does not broadcast to {}", text_of(x), text_of(y)), "",
                 "dimensions must be equal, or 1, counted from the last"};
  return copy;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(copy, repeated(g, node));
  MOTE_TRY(check_copy(copy));
  return std::vector<Inferred>{{g.tensor(node.inputs[0]).type, copy.extent}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(copy, repeated(g, node));
  return lower_copy(copy, g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::broadcast_to
