// A window of a tensor on the host: inference of shapes, lowering to a strided copy.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::slice {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<StridedCopy> copy_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(begin, constant_integers(g, node.inputs[1], "begin"));
  MOTE_LET(size, constant_integers(g, node.inputs[2], "size"));
  if (begin.size() != x.size() || size.size() != x.size()) {
    return Error{
        fmt::format("begin and size have {} and {} entries for {} dimensions", begin.size(), size.size(), x.size()), "",
        ""};
  }
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (begin[d] < 0 || begin[d] >= x[d] || size[d] < -1 || size[d] == 0 || size[d] > x[d] - begin[d]) {
      return Error{fmt::format("begin {} and size {} leave axis {} of {}", begin[d], size[d], d, text_of(x)), "", ""};
    }
    if (size[d] == -1) size[d] = x[d] - begin[d];  // the rest
  }
  return read_window(x, begin, size, Shape(x.size(), 1));
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

}  // namespace mote::ops::slice
