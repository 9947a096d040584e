// fuse_activation: a clamp that follows an operator becomes part of it.
//
//   conv_2d -> t -> relu6 -> y      =>      conv_2d {clamp_min, clamp_max} -> y        quantised
//   conv_2d -> t -> relu  -> y      =>      conv_2d {activation: relu}     -> y        float32
//
// Exact because of three facts that are checked, not assumed:
//   - t and y have the same type, scale and zero point: without the activation, the operator writes the same integers
//   to y
//     as to t;
//   - the activation is clamp(v, lo, hi) on integers: it is run on every value that t's type has, and compared;
//   - the operator's own clamp and [lo, hi] overlap: clamping to both is clamping to their intersection.
// t is read by the activation alone and is no graph output.
//
// Does not fuse an activation that rescales, as converters emit after an operator with a wider output range.
// Does not stack two different float activations.
#include <algorithm>
#include <array>
#include <optional>

#include "host/base/result.h"
#include "host/interpret/interpreter.h"
#include "host/ops/quantization.h"
#include "host/passes/edit.h"

namespace mote::passes {
namespace {

// Operators that take their output's bounds from quantized_clamp() or float_clamp().
constexpr std::array kClamping = {OpKind::conv_2d,
                                  OpKind::depthwise_conv_2d,
                                  OpKind::fully_connected,
                                  OpKind::average_pool_2d,
                                  OpKind::max_pool_2d,
                                  OpKind::add,
                                  OpKind::sub,
                                  OpKind::mul};
constexpr std::array kActivations = {OpKind::relu, OpKind::relu6};

bool contains(const auto& kinds, OpKind kind) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); }

// The bounds of an activation on 8 or 16 bit integers, where it is a clamp and nothing else.
Result<std::optional<Clamp>> as_clamp(const Graph& graph, const Node& node) {
  const DType type = graph.tensor(node.inputs[0]).type;
  const Clamp range = range_of(type);
  Graph probe = node_alone(graph, node);
  const std::int64_t count = std::int64_t{range.max} - range.min + 1;
  for (Tensor& t : probe.tensors) t.shape = {1, count};
  Bytes values(static_cast<std::size_t>(probe.tensors[0].size_bytes()));
  const std::size_t width = values.size() / static_cast<std::size_t>(count);
  const auto put = [&](Bytes& bytes, std::size_t i, std::int32_t v) {
    for (std::size_t b = 0; b < width; ++b) bytes[i * width + b] = static_cast<std::uint8_t>(v >> (8 * b));
  };
  const auto get = [&](const Bytes& bytes, std::size_t i) {
    return width == 1 ? static_cast<std::int32_t>(static_cast<std::int8_t>(bytes[i]))
                      : static_cast<std::int32_t>(static_cast<std::int16_t>(bytes[i * 2] | bytes[i * 2 + 1] << 8));
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    put(values, i, range.min + static_cast<std::int32_t>(i));
  MOTE_LET(interpreter, Interpreter::create(probe));
  MOTE_LET(results, interpreter.run({values}));
  const Clamp found = {get(results[0], 0), get(results[0], static_cast<std::size_t>(count) - 1)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::int32_t v = range.min + static_cast<std::int32_t>(i);
    if (found.min > found.max || get(results[0], i) != std::clamp(v, found.min, found.max))
      return std::optional<Clamp>{};
  }
  return std::optional<Clamp>{found};
}

// Gives `producer` the bounds of `activation`; false where that would not be exact.
Result<bool> absorb(const Graph& graph, const Node& activation, Node& producer) {
  const Tensor& t = graph.tensor(producer.outputs[0]);
  if (t.type == DType::f32) {
    const std::string wanted(name_of(activation.kind));
    const std::string present = producer.attrs.string("activation", "none");
    if (present != "none" && present != wanted) return false;
    producer.attrs.set("activation", wanted);
    return true;
  }
  if (t.type != DType::s8 && t.type != DType::s16) return false;
  MOTE_LET(found, as_clamp(graph, activation));
  if (!found) return false;
  MOTE_LET(quant, per_tensor_quant(graph, producer.outputs[0]));
  MOTE_LET(own, quantized_clamp(producer, t.type, quant));
  const Clamp both = {std::max(own.min, found->min), std::min(own.max, found->max)};
  if (both.min > both.max) return false;
  producer.attrs.set("clamp_min", std::int64_t{both.min});
  producer.attrs.set("clamp_max", std::int64_t{both.max});
  return true;
}

}  // namespace

Result<bool> fuse_activation(Graph& graph) {
  Edit edit(graph);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!contains(kActivations, node.kind)) continue;
    const TensorId t = node.inputs[0];
    const TensorId y = node.outputs[0];
    const std::size_t maker = edit.producer(t);
    if (maker == Edit::kNone || !contains(kClamping, graph.nodes[maker].kind) || !edit.has_one_use(t)) continue;
    if (graph.tensor(t).type != graph.tensor(y).type || !(graph.tensor(t).quant == graph.tensor(y).quant)) continue;
    MOTE_LET(fused, absorb(graph, node, graph.nodes[maker]));
    if (!fused) continue;
    edit.erase(n);
    edit.set_output(maker, 0, y);
  }
  return edit.finish();
}

}  // namespace mote::passes
