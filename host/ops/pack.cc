// Stacking tensors along a new axis on the host: import, inference of shapes, lowering to one copy per input.
#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::pack {
namespace {

// Field ids of PackOptions.
enum Field { kCount = 0, kAxis = 1 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("axis", options.i32(kAxis, 0));
  return {};
}

// The output's shape with the new axis, and where it is.
struct Stack {
  Shape shape;
  std::size_t axis;
};

Result<Stack> stack_of(const Graph& g, const Node& node) {
  const Tensor& first = g.tensor(node.inputs[0]);
  const Tensor& out = g.tensor(node.outputs[0]);
  for (const TensorId id : node.inputs) {
    const Tensor& x = g.tensor(id);
    const std::string where = "tensor '" + x.name + "'";
    if (x.type != first.type || x.shape != first.shape) {
      return Error{fmt::format("{}{} cannot be stacked on {}{}", name_of(x.type), text_of(x.shape), name_of(first.type),
                               text_of(first.shape)),
                   where, ""};
    }
    if (x.quant.scale != out.quant.scale || x.quant.zero_point != out.quant.zero_point) {
      return Error{"is quantised otherwise than the output", where, "quantise all inputs and the output alike"};
    }
  }
  MOTE_LET(axis, resolve_axis(node.attrs.integer("axis", 0), first.shape.size() + 1));
  Stack stack = {first.shape, axis};
  stack.shape.insert(stack.shape.begin() + static_cast<std::ptrdiff_t>(axis),
                     static_cast<std::int64_t>(node.inputs.size()));
  return stack;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(stack, stack_of(g, node));
  return std::vector<Inferred>{{g.tensor(node.inputs[0]).type, stack.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (node.inputs.size() == 1) return Lowered::alias();
  MOTE_LET(stack, stack_of(g, node));
  Shape extent = stack.shape;
  extent[stack.axis] = 1;
  Shape begin(extent.size(), 0);
  std::vector<StridedCopy> copies;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    begin[stack.axis] = static_cast<std::int64_t>(i);
    copies.push_back(write_window(stack.shape, begin, extent));
  }
  return lower_parts(copies, g.tensor(node.inputs[0]).type, node.inputs, node.outputs, isas);
}

std::vector<TfliteDerived> derived_options(const Graph& /*graph*/, const Node& node) {
  constexpr int kValuesCount = 0;
  return {{kValuesCount, static_cast<std::int32_t>(node.inputs.size())}};
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs, derived_options};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::pack
