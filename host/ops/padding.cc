// Paddings around a tensor.
#include "host/ops/padding.h"

#include <cstring>

#include <fmt/format.h>

#include "host/ir/verify.h"
#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/quantization.h"

namespace mote {
namespace {

struct Padding {
  Shape before;
  Shape shape;  // of the output
};

Result<Padding> padding_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(pads, constant_integers(g, node.inputs[1], "paddings"));
  if (pads.size() != 2 * x.size()) {
    return Error{fmt::format("{} paddings for {} dimensions, not 2 for each", pads.size(), x.size()), "", ""};
  }
  Padding p;
  for (std::size_t d = 0; d < x.size(); ++d) {
    const std::int64_t before = pads[2 * d];
    const std::int64_t after = pads[2 * d + 1];
    if (before < 0 || after < 0 || before > kMaxElements || after > kMaxElements) {
      return Error{fmt::format("paddings {} and {} of axis {} are outside 0..{}", before, after, d, kMaxElements), "",
                   ""};
    }
    p.before.push_back(before);
    p.shape.push_back(before + x[d] + after);
  }
  MOTE_TRY(check_shape(p.shape));
  return p;
}

// The bytes of the element put in. The constant operand of pad_v2 was checked by infer.
std::int32_t fill_bits(const Graph& g, const Node& node) {
  const Tensor& y = g.tensor(node.outputs[0]);
  if (node.inputs.size() < 3) return y.type == DType::s8 && !y.quant.empty() ? y.quant.zero_point[0] : 0;
  std::int32_t bits = 0;
  const auto& data = g.tensor(node.inputs[2]).data;
  std::memcpy(&bits, data.data(), data.size());  // at most 4 bytes; the host is little endian like the file
  return bits;
}

}  // namespace

Result<std::vector<Inferred>> infer_padding(const Graph& graph, const Node& node) {
  const Tensor& x = graph.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, {DType::f32, DType::s8, DType::s16, DType::s32}));
  if (x.type == DType::s8 && !graph.tensor(node.outputs[0]).quant.empty()) {
    MOTE_TRY(per_tensor_quant(graph, node.outputs[0]));  // its zero point is put in
  }
  MOTE_LET(p, padding_of(graph, node));
  MOTE_TRY(check_copy(write_window(p.shape, p.before, x.shape)));
  if (node.inputs.size() > 2) {
    const Tensor& value = graph.tensor(node.inputs[2]);
    const Tensor& y = graph.tensor(node.outputs[0]);
    const std::string where = "tensor '" + value.name + "'";
    if (!value.is_constant || value.type != x.type || elements(value.shape) != 1) {
      return Error{fmt::format("the value put in must be one constant {}", name_of(x.type)), where, ""};
    }
    if (value.quant.scale != y.quant.scale || value.quant.zero_point != y.quant.zero_point) {
      return Error{"is quantised otherwise than the output", where, "quantise the value like the output"};
    }
  }
  return std::vector<Inferred>{{x.type, p.shape}};
}

Result<Lowered> lower_padding(const Graph& graph, const Node& node, const IsaSet& isas) {
  const Tensor& x = graph.tensor(node.inputs[0]);
  MOTE_LET(p, padding_of(graph, node));
  if (p.shape == x.shape) return Lowered::alias();
  MOTE_LET(fill, fill_call(fill_bits(graph, node), graph, node.outputs[0], isas));
  MOTE_LET(copy, copy_call(write_window(p.shape, p.before, x.shape), x.type, node.inputs[0], node.outputs[0], isas));
  Lowered out;
  out.calls.push_back(std::move(fill));
  out.calls.push_back(std::move(copy));
  return out;
}

}  // namespace mote
