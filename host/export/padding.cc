// Amounts to words, or to PAD nodes.
#include "host/export/padding.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/ops/spatial.h"

namespace mote {
namespace {

bool is_convolution(OpKind kind) { return kind == OpKind::conv_2d || kind == OpKind::depthwise_conv_2d; }
bool is_pool(OpKind kind) { return kind == OpKind::max_pool_2d || kind == OpKind::average_pool_2d; }

Attrs without(const Attrs& attrs, std::initializer_list<std::string_view> names) {
  Attrs out;
  for (const auto& [name, value] : attrs.items()) {
    if (std::ranges::find(names, name) == names.end()) out.set(name, value);
  }
  return out;
}

Result<Window> window_of(const Graph& graph, const Node& node) {
  const Shape& x = graph.tensor(node.inputs[0]).shape;
  if (is_pool(node.kind)) {
    return resolve_window(node, x[1], x[2], node.attrs.integer("kernel_h", 1), node.attrs.integer("kernel_w", 1));
  }
  const Shape& k = graph.tensor(node.inputs[1]).shape;
  return resolve_window(node, x[1], x[2], k[1], k[2]);
}

// The word that pads as the node's amounts do.
Result<std::optional<std::string>> word_of(const Graph& graph, const Node& node) {
  MOTE_LET(wanted, window_of(graph, node));
  for (const char* word : {"valid", "same"}) {
    Node tried = node;
    tried.attrs.set("padding", std::string(word));
    const auto window = window_of(graph, tried);
    if (window.ok() && window.value().pad_top == wanted.pad_top && window.value().pad_left == wanted.pad_left &&
        window.value().out_h == wanted.out_h && window.value().out_w == wanted.out_w) {
      return std::optional<std::string>(word);
    }
  }
  return std::optional<std::string>();
}

// What a maximum never takes beside another value, of the type and scale of `like`.
Tensor least_of(const Tensor& like) {
  Tensor out;
  out.name = like.name + "_value";
  out.type = like.type;
  out.quant = like.quant;
  out.shape = {1};
  out.is_constant = true;
  if (like.type == DType::f32) {
    constexpr float kLeast = std::numeric_limits<float>::lowest();
    out.data.resize(sizeof kLeast);
    std::memcpy(out.data.data(), &kLeast, sizeof kLeast);
  } else {
    constexpr std::int8_t kLeast = -128;
    out.data = {static_cast<std::uint8_t>(kLeast)};
  }
  return out;
}

// A node that pads the first input of `node` by these amounts.
Node make_pad(Graph& graph, const Node& node, const std::vector<std::int64_t>& pads) {
  const Tensor x = graph.tensor(node.inputs[0]);
  const std::vector<std::int32_t> amounts = {0,
                                             0,
                                             static_cast<std::int32_t>(pads[0]),
                                             static_cast<std::int32_t>(pads[1]),
                                             static_cast<std::int32_t>(pads[2]),
                                             static_cast<std::int32_t>(pads[3]),
                                             0,
                                             0};
  Tensor paddings;
  paddings.name = graph.tensor(node.outputs[0]).name + "_paddings";
  paddings.type = DType::s32;
  paddings.shape = {4, 2};
  paddings.is_constant = true;
  paddings.data.resize(amounts.size() * sizeof(std::int32_t));
  std::memcpy(paddings.data.data(), amounts.data(), paddings.data.size());
  Tensor padded = x;
  padded.name = graph.tensor(node.outputs[0]).name + "_padded";
  padded.is_constant = false;
  padded.data.clear();
  padded.shape[1] += pads[0] + pads[1];
  padded.shape[2] += pads[2] + pads[3];
  Node pad;
  pad.kind = node.kind == OpKind::max_pool_2d ? OpKind::pad_v2 : OpKind::pad;
  pad.name = padded.name;
  pad.inputs = {node.inputs[0], graph.add_tensor(std::move(paddings))};
  if (pad.kind == OpKind::pad_v2) pad.inputs.push_back(graph.add_tensor(least_of(padded)));
  pad.outputs = {graph.add_tensor(std::move(padded))};
  return pad;
}

}  // namespace

Status spell_padding(Graph& graph) {
  std::vector<Node> nodes;
  for (Node node : graph.nodes) {
    if ((is_convolution(node.kind) || is_pool(node.kind)) && node.attrs.string("padding", "valid") == "explicit") {
      auto word = word_of(graph, node);
      if (!word.ok()) return std::move(word).error().in(graph.where(node)).in(graph.source);
      const DType type = graph.tensor(node.inputs[0]).type;
      const bool can_pad =
          is_convolution(node.kind) || (node.kind == OpKind::max_pool_2d && (type == DType::s8 || type == DType::f32));
      if (!word.value() && can_pad) {
        nodes.push_back(make_pad(graph, node, node.attrs.integers("pads")));
        node.inputs[0] = nodes.back().outputs[0];
        word.value() = "valid";
      }
      if (word.value()) {
        node.attrs.set("padding", *word.value());
        node.attrs = without(node.attrs, {"pads"});
      }
    }
    if (is_pool(node.kind) && node.attrs.integer("dilation_h", 1) == 1 && node.attrs.integer("dilation_w", 1) == 1) {
      node.attrs = without(node.attrs, {"dilation_h", "dilation_w"});
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
  return {};
}

}  // namespace mote
