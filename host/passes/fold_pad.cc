// fold_pad: zero padding over height and width becomes the padding of the convolution behind it.
//
//   x -> pad {0,0; t,b; l,r; 0,0} -> p -> conv_2d {valid} -> y     =>     x -> conv_2d {explicit, pads t,b,l,r} -> y
//
// The same for depthwise_conv_2d, for pad_v2, and for a convolution that has explicit padding already: amounts add up.
// Exact because a convolution's padding contributes 0 to the sum, and so does what was put in: the zero point of a
// quantised tensor (x and p have the same type and quantisation), or 0.0 where every weight is finite. Adding a zero of
// either sign changes no float sum, as these start from +0.0.
//
// Does not fold into "same" padding, whose amounts follow from the padded shape.
// Does not fold in front of a pool: an average does not count its padding, a maximum never takes it.
// Does not fold where the padding would leave the range of the attribute; see host/ops/spatial.h.
// Does not remove the pad itself; without readers it goes with remove_dead.
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/passes/edit.h"

namespace mote::passes {
namespace {

// Whether the node puts in what a convolution takes for nothing.
bool pads_with_zero(const Graph& graph, const Node& pad) {
  if (pad.inputs.size() < 3 || pad.inputs[2] == kNoTensor) return true;  // real 0, in the output's quantisation
  const Tensor& value = graph.tensor(pad.inputs[2]);
  const Tensor& p = graph.tensor(pad.outputs[0]);
  if (!value.is_constant || value.data.size() > sizeof(std::int32_t)) return false;
  if (p.type == DType::f32) {
    float v = 1.0F;
    std::memcpy(&v, value.data.data(), sizeof v);
    return v == 0.0F;
  }
  const std::int32_t zero = p.quant.zero_point.at(0);
  return std::memcmp(&zero, value.data.data(), value.data.size()) == 0;  // little endian, as the host is
}

bool all_finite(const Tensor& weights) {
  if (weights.type != DType::f32) return true;
  for (std::size_t i = 0; i + 4 <= weights.data.size(); i += 4) {
    float v = 0.0F;
    std::memcpy(&v, &weights.data[i], sizeof v);
    if (!std::isfinite(v)) return false;
  }
  return true;
}

// `conv` reading the input of `pad` with that much more padding of its own; nothing where that would not be the same.
std::optional<Node> folded(const Graph& graph, const Node& pad, const Node& conv) {
  const Tensor& x = graph.tensor(pad.inputs[0]);
  const Tensor& p = graph.tensor(pad.outputs[0]);
  const bool quantised = x.type == DType::s8 || x.type == DType::s16;
  if (x.type != p.type || !(x.quant == p.quant) || (quantised ? x.quant.scale.size() != 1 : x.type != DType::f32))
    return {};
  if (!pads_with_zero(graph, pad) || !all_finite(graph.tensor(conv.inputs[1]))) return {};
  const auto amounts = constant_integers(graph, pad.inputs[1], "paddings");
  if (!amounts.ok() || amounts.value().size() != 8) return {};
  const std::vector<std::int64_t>& a = amounts.value();  // before and after, for N, H, W, C
  if (a[0] != 0 || a[1] != 0 || a[6] != 0 || a[7] != 0) return {};

  std::vector<std::int64_t> pads = {0, 0, 0, 0};
  const std::string padding = conv.attrs.string("padding", "valid");
  if (padding == "explicit") pads = conv.attrs.integers("pads");
  if (padding == "same" || pads.size() != 4) return {};
  for (std::size_t i = 0; i < 4; ++i) pads[i] += a[i + 2];

  Node out = conv;
  out.inputs[0] = pad.inputs[0];
  out.attrs.set("padding", std::string("explicit"));
  out.attrs.set("pads", pads);
  // The operator itself knows its limits.
  const auto inferred = op_row(out.kind).def->infer(graph, out);
  if (!inferred.ok() || inferred.value()[0].shape != graph.tensor(conv.outputs[0]).shape) return {};
  return out;
}

}  // namespace

Result<bool> fold_pad(Graph& graph) {
  Edit edit(graph);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& conv = graph.nodes[n];
    if (conv.kind != OpKind::conv_2d && conv.kind != OpKind::depthwise_conv_2d) continue;
    const std::size_t maker = edit.producer(conv.inputs[0]);
    if (maker == Edit::kNone) continue;
    const Node& pad = graph.nodes[maker];
    if (pad.kind != OpKind::pad && pad.kind != OpKind::pad_v2) continue;
    if (const auto node = folded(graph, pad, conv)) {
      conv.attrs = node->attrs;
      edit.set_input(n, 0, node->inputs[0]);
    }
  }
  return edit.finish();
}

}  // namespace mote::passes
