// Joining tensors along an axis on the host: import, inference of shapes, lowering to one copy per input.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"
#include "host/ops/unary.h"

namespace mote::ops::concatenation {
namespace {

// Field ids of ConcatenationOptions.
enum Field { kAxis = 0, kActivation = 1 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("axis", options.i32(kAxis, 0));
  return set_activation(options.i8(kActivation, 0), node);
}

Result<Shape> joined(const Graph& g, const Node& node, std::vector<StridedCopy>* copies) {
  const Tensor& first = g.tensor(node.inputs[0]);
  const Tensor& out = g.tensor(node.outputs[0]);
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), first.shape.size()));
  Shape shape = first.shape;
  shape[axis] = 0;
  for (const TensorId id : node.inputs) {
    const Tensor& x = g.tensor(id);
    const std::string where = "tensor '" + x.name + "'";
    Shape rest = x.shape;
    if (axis < rest.size()) rest[axis] = first.shape[axis];
    if (x.type != first.type || rest != first.shape) {
      return Error{fmt::format("{}{} cannot be joined to {}{} along axis {}", name_of(x.type), text_of(x.shape),
                               name_of(first.type), text_of(first.shape), axis),
                   where, ""};
    }
    // The bytes are copied as they are, so they must mean the same.
    if (x.quant.scale != out.quant.scale || x.quant.zero_point != out.quant.zero_point) {
      return Error{"is quantised otherwise than the output", where, "quantise all inputs and the output alike"};
    }
    shape[axis] += x.shape[axis];
  }
  if (copies == nullptr) return shape;
  Shape begin(shape.size(), 0);
  for (const TensorId id : node.inputs) {
    copies->push_back(write_window(shape, begin, g.tensor(id).shape));
    begin[axis] += g.tensor(id).shape[axis];
  }
  return shape;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (node.attrs.string("activation", "none") != "none") {
    return Error{"a fused activation is not supported here", "", "make the activation an operator of its own"};
  }
  MOTE_LET(shape, joined(g, node, nullptr));
  return std::vector<Inferred>{{g.tensor(node.inputs[0]).type, shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (node.inputs.size() == 1) return Lowered::alias();
  std::vector<StridedCopy> copies;
  MOTE_TRY(joined(g, node, &copies));
  return lower_parts(copies, g.tensor(node.inputs[0]).type, node.inputs, node.outputs, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::concatenation
