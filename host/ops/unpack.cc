// Slices along an axis as tensors of their own on the host: import, inference of shapes, lowering to one copy per
// output.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::unpack {
namespace {

// Field ids of UnpackOptions.
enum Field { kCount = 0, kAxis = 1 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("axis", options.i32(kAxis, 0));
  return {};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), x.shape.size()));
  if (static_cast<std::int64_t>(node.outputs.size()) != x.shape[axis]) {
    return Error{fmt::format("gives {} outputs of axis {} of {}", node.outputs.size(), axis, text_of(x.shape)), "", ""};
  }
  Shape shape = x.shape;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return std::vector<Inferred>(node.outputs.size(), Inferred{x.type, shape});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), x.shape.size()));
  if (node.outputs.size() == 1) return Lowered::alias();
  Shape extent = x.shape;
  extent[axis] = 1;
  Shape begin(extent.size(), 0);
  std::vector<StridedCopy> copies;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    begin[axis] = static_cast<std::int64_t>(i);
    copies.push_back(read_window(x.shape, begin, extent, Shape(extent.size(), 1)));
  }
  return lower_parts(copies, x.type, {&node.inputs[0], 1}, node.outputs, isas);
}

std::vector<TfliteDerived> derived_options(const Graph& /*graph*/, const Node& node) {
  constexpr int kNum = 0;
  return {{kNum, static_cast<std::int32_t>(node.outputs.size())}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs, derived_options};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::unpack
