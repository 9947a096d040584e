// Removal of dimensions of size 1 on the host: the same bytes under another shape.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::squeeze {
namespace {

// Field ids of SqueezeOptions.
enum Field { kAxes = 0 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("axes", options.i32_vector(kAxes));
  return {};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  std::vector<bool> gone(x.shape.size(), false);
  const auto axes = node.attrs.integers("axes");
  for (const std::int64_t a : axes) {
    MOTE_LET(axis, resolve_axis(a, x.shape.size()));
    if (x.shape[axis] != 1) {
      return Error{fmt::format("axis {} of {} has not size 1", a, text_of(x.shape)), "", ""};
    }
    gone[axis] = true;
  }
  Shape shape;
  for (std::size_t d = 0; d < x.shape.size(); ++d) {
    if (axes.empty() ? x.shape[d] != 1 : !gone[d]) shape.push_back(x.shape[d]);
  }
  return std::vector<Inferred>{{x.type, shape}};
}

Result<Lowered> lower(const Graph& /*g*/, const Node& /*node*/, const IsaSet& /*isas*/) { return Lowered::alias(); }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::squeeze
