// shrink_channels: channels that never change, or that nobody looks at, are not computed.
//
//   x -> conv_2d A -> a [..,4] -> conv_2d B            =>      x -> conv_2d A' -> a' [..,2] -> conv_2d B'
//   a[..,1] is 17 for every input (its weights are 0)          B's bias takes B[..,1] * (17 - zero point)
//   a[..,3] meets only zeros in B                              A', B' lack the weights of channels 1 and 3
//
// Forwards, every channel of an int8 tensor gets the range of values it can take for any input of the model: exact
// interval arithmetic over the weights, through the same requantisation that the kernels use, which is monotonic.
// Backwards, a channel is needed if a reader multiplies it by something other than 0, unless it is constant and the
// reader can take it into its bias. Then both sides lose the channels that are not needed.
//
// A padded window sees the constant inside the image and 0 outside it, so a bias can stand for it only where the
// constant is the zero point; a depthwise convolution whose result is the same either way makes a constant again.
//
// Does not look through element-wise operators, concatenation or transposition: their tensors keep all channels.
// Does not assume anything of the model's inputs.
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "contract/quant/requantize.h"
#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/quantization.h"
#include "host/ops/spatial.h"
#include "host/ops/weighted.h"

namespace mote::passes {
namespace {

// Quantised values a channel can take, both ends included.
struct Range {
  std::int32_t lo = -128;
  std::int32_t hi = 127;
  [[nodiscard]] bool constant() const { return lo == hi; }
};

std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }

std::int64_t channels_of(const Tensor& t) { return t.shape.empty() ? 1 : t.shape.back(); }

std::int32_t s32_at(const Tensor& t, std::int64_t i) {
  std::int32_t v = 0;
  std::memcpy(&v, &t.data[static_cast<std::size_t>(4 * i)], sizeof v);
  return v;
}

// The weights of a convolution, depthwise convolution or fully connected layer seen alike: output channel o sums
// `taps` products per input channel; depthwise has one input channel per output channel.
struct Weighted {
  bool depthwise = false;
  bool padded = false;       // some window reaches over the edge, where products are 0
  std::int64_t inputs = 0;   // input channels
  std::int64_t outputs = 0;  // output channels
  std::int64_t taps = 1;     // positions of the window
  Tensor weights;            // copies: the graph's tensors move while it is rewritten
  std::optional<Tensor> bias;
  ChannelQuant quant;
  std::int32_t zero_point = 0;  // of the input

  // The weight of input channel c at window position t for output channel o (depthwise: o == c).
  [[nodiscard]] std::int32_t weight(std::int64_t o, std::int64_t t, std::int64_t c) const {
    const std::int64_t at = depthwise ? t * outputs + o : (o * taps + t) * inputs + c;
    return static_cast<std::int8_t>(weights.data[static_cast<std::size_t>(at)]);
  }
  [[nodiscard]] std::int32_t bias_of(std::int64_t o) const { return bias ? s32_at(*bias, o) : 0; }

  // Whether `c` with this range adds the same to every sum it enters.
  [[nodiscard]] bool foldable(Range r) const { return r.constant() && (r.lo == zero_point || !padded); }
};

bool reaches_over_edge(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                       std::int64_t dilation, std::int64_t before) {
  return before > 0 || (out - 1) * stride + (kernel - 1) * dilation + 1 - before > in;
}

// The node as Weighted, or nothing where it is another operator or a type this pass does not treat.
std::optional<Weighted> weighted(const Graph& g, const Node& node) {
  const bool conv = node.kind == OpKind::conv_2d;
  const bool depthwise = node.kind == OpKind::depthwise_conv_2d;
  const bool full = node.kind == OpKind::fully_connected;
  if (!conv && !depthwise && !full) return std::nullopt;
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  if (x.type != DType::s8 || x.is_constant || k.type != DType::s8 || !k.is_constant) return std::nullopt;
  Weighted w;
  w.depthwise = depthwise;
  w.weights = k;
  w.outputs = depthwise ? k.shape.back() : k.shape[0];
  w.inputs = depthwise ? x.shape.back() : k.shape.back();
  if (w.inputs != channels_of(x) || (depthwise && w.inputs != w.outputs)) return std::nullopt;
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) w.bias = g.tensor(node.inputs[2]);
  if (!full) {
    w.taps = k.shape[1] * k.shape[2];
    const auto window = resolve_window(node, x.shape[1], x.shape[2], k.shape[1], k.shape[2]);
    if (!window.ok()) return std::nullopt;
    const Window& v = window.value();
    w.padded = reaches_over_edge(x.shape[1], v.out_h, k.shape[1], v.stride_h, v.dilation_h, v.pad_top) ||
               reaches_over_edge(x.shape[2], v.out_w, k.shape[2], v.stride_w, v.dilation_w, v.pad_left);
  }
  const auto types = weighted_types(g, node, w.outputs);
  if (!types.ok()) return std::nullopt;
  auto quant = channel_quant(g, node, types.value(), depthwise ? 3 : 0, w.outputs);
  if (!quant.ok()) return std::nullopt;
  w.quant = std::move(quant).value();
  w.zero_point = -w.quant.in_offset;
  return w;
}

// Operators that treat every channel for itself and keep it in its place.
bool keeps_channels(const Graph& g, const Node& node) {
  const bool pool = node.kind == OpKind::average_pool_2d || node.kind == OpKind::max_pool_2d;
  const bool reshape = node.kind == OpKind::reshape;
  if (!pool && !reshape) return false;
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& y = g.tensor(node.outputs[0]);
  // A pool's clamp only narrows ranges: taking its input's range is right for a constant inside the clamp.
  return x.type == DType::s8 && !x.is_constant && !x.shape.empty() && !y.shape.empty() &&
         channels_of(x) == channels_of(y) && (!pool || node.attrs.string("activation", "none") == "none");
}

std::int32_t output_of(const Weighted& w, std::int64_t o, std::int64_t acc) {
  const auto i = static_cast<std::size_t>(o);
  // |acc| < 2^31 as check_accumulator proved.
  const std::int32_t q =
      quant::requantize_double_rounding(static_cast<std::int32_t>(acc), w.quant.multiplier[i], w.quant.shift[i]);
  return quant::clamp(w.quant.out_offset + q, w.quant.clamp.min, w.quant.clamp.max);
}

Range range_of_output(const Weighted& w, std::int64_t o, const std::vector<Range>& in) {
  std::int64_t lo = w.bias_of(o);
  std::int64_t hi = lo;
  const auto add = [&](std::int64_t c) {
    const Range r = in[static_cast<std::size_t>(c)];
    for (std::int64_t t = 0; t < w.taps; ++t) {
      const std::int64_t k = w.weight(o, t, c);
      const std::int64_t a = k * (r.lo - w.zero_point);
      const std::int64_t b = k * (r.hi - w.zero_point);
      lo += w.padded ? std::min<std::int64_t>({a, b, 0}) : std::min(a, b);
      hi += w.padded ? std::max<std::int64_t>({a, b, 0}) : std::max(a, b);
    }
  };
  if (w.depthwise) {
    add(o);
  } else {
    for (std::int64_t c = 0; c < w.inputs; ++c) add(c);
  }
  return {output_of(w, o, lo), output_of(w, o, hi)};
}

class Shrinker {
 public:
  explicit Shrinker(Graph& graph) : g_(graph), ranges_(graph.tensors.size()), needed_(graph.tensors.size()) {
    for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
      if (auto w = weighted(g_, g_.nodes[n])) weighted_.emplace(n, std::move(*w));
    }
  }

  Result<bool> run() {
    find_ranges();
    find_needed();
    bool any = false;
    for (std::size_t id = 0; id < needed_.size(); ++id) any = any || !all_needed(static_cast<TensorId>(id));
    if (!any) return false;
    // Ranges and weights are read from the old graph while nodes are rewritten one by one.
    const std::size_t nodes = g_.nodes.size();
    for (std::size_t n = 0; n < nodes; ++n) rewrite(n);
    for (std::size_t id = 0; id < needed_.size(); ++id) {
      if (!all_needed(static_cast<TensorId>(id)))
        g_.tensors[id].shape.back() = static_cast<std::int64_t>(kept(static_cast<TensorId>(id)).size());
    }
    return true;
  }

 private:
  void find_ranges() {
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      const auto channels = static_cast<std::size_t>(g_.tensors[i].is_constant ? 0 : channels_of(g_.tensors[i]));
      ranges_[i].assign(channels, Range{});
      needed_[i].assign(channels, false);
    }
    for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
      const Node& node = g_.nodes[n];
      const auto at = weighted_.find(n);
      if (at != weighted_.end()) {
        const std::vector<Range>& in = ranges_[index(node.inputs[0])];
        std::vector<Range>& out = ranges_[index(node.outputs[0])];
        for (std::size_t o = 0; o < out.size(); ++o)
          out[o] = range_of_output(at->second, static_cast<std::int64_t>(o), in);
      } else if (keeps_channels(g_, node)) {
        ranges_[index(node.outputs[0])] = ranges_[index(node.inputs[0])];
      }
    }
  }

  void need_all(TensorId id) {
    if (id != kNoTensor) needed_[index(id)].assign(needed_[index(id)].size(), true);
  }

  // Channels that move in step: output channel c is made of input channel c alone, so both sides keep the same.
  bool tied(std::size_t n) const {
    const auto at = weighted_.find(n);
    return at == weighted_.end() ? keeps_channels(g_, g_.nodes[n]) : at->second.depthwise;
  }

  void find_needed() {
    std::vector<bool> written(needed_.size(), false);
    for (const Node& node : g_.nodes) {
      for (const TensorId id : node.outputs) written[index(id)] = true;
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (!written[i]) need_all(static_cast<TensorId>(i));  // inputs, and what other passes left over
    }
    for (const TensorId id : g_.outputs) need_all(id);
    for (const State& state : g_.states) need_all(state.out);
    // What a tied node's input must keep for another reader, its output keeps too, and so do the readers of that.
    // Sets only grow, so this ends.
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t n = g_.nodes.size(); n-- > 0;) need_for(n);
      for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
        if (!tied(n)) continue;
        std::vector<bool>& out = needed_[index(g_.nodes[n].outputs[0])];
        const std::vector<bool>& in = needed_[index(g_.nodes[n].inputs[0])];
        changed = changed || in != out;
        out = in;
      }
    }
  }

  // Marks what node n needs of its inputs, given what is needed of its output.
  void need_for(std::size_t n) {
    const Node& node = g_.nodes[n];
    const auto at = weighted_.find(n);
    if (at == weighted_.end() && !tied(n)) {
      for (const TensorId id : node.outputs) need_all(id);
      for (const TensorId id : node.inputs) need_all(id);
      return;
    }
    std::vector<bool>& out = needed_[index(node.outputs[0])];
    // A tensor keeps at least one channel.
    if (!out.empty() && std::find(out.begin(), out.end(), true) == out.end()) out[0] = true;
    std::vector<bool>& in = needed_[index(node.inputs[0])];
    for (std::size_t c = 0; c < in.size(); ++c) in[c] = in[c] || (tied(n) ? out[c] : reads(at->second, node, c, out));
  }

  // Whether a needed output channel depends on input channel c in a way its bias cannot stand for.
  bool reads(const Weighted& w, const Node& node, std::size_t c, const std::vector<bool>& out) const {
    if (w.foldable(ranges_[index(node.inputs[0])][c])) return false;
    for (std::int64_t o = 0; o < w.outputs; ++o) {
      if (!out[static_cast<std::size_t>(o)]) continue;
      for (std::int64_t t = 0; t < w.taps; ++t) {
        if (w.weight(o, t, static_cast<std::int64_t>(c)) != 0) return true;
      }
    }
    return false;
  }

  bool all_needed(TensorId id) const {
    const std::vector<bool>& n = needed_[index(id)];
    return std::find(n.begin(), n.end(), false) == n.end();
  }

  std::vector<std::int64_t> kept(TensorId id) const {
    std::vector<std::int64_t> out;
    for (std::size_t c = 0; c < needed_[index(id)].size(); ++c) {
      if (needed_[index(id)][c]) out.push_back(static_cast<std::int64_t>(c));
    }
    return out;
  }

  void rewrite(std::size_t n) {
    const Node node = g_.nodes[n];
    const TensorId x = node.inputs[0];
    const TensorId y = node.outputs[0];
    if (x == kNoTensor || (all_needed(x) && all_needed(y))) return;
    const auto at = weighted_.find(n);
    if (at == weighted_.end()) {
      if (node.kind == OpKind::reshape) shrink_reshape(n, y);
      return;
    }
    const Weighted& w = at->second;
    const std::vector<std::int64_t> outputs = kept(y);
    const std::vector<std::int64_t> inputs = kept(x);
    Tensor bias;
    bias.name = w.bias ? w.bias->name : node.name + "/bias";
    bias.type = DType::s32;
    bias.shape = {static_cast<std::int64_t>(outputs.size())};
    bias.is_constant = true;
    Tensor weights = w.weights;
    weights.data.clear();
    for (const std::int64_t o : outputs) {
      std::int64_t b = w.bias_of(o);
      for (std::int64_t c = 0; !w.depthwise && c < w.inputs; ++c) {
        if (needed_[index(x)][static_cast<std::size_t>(c)]) continue;
        const Range r = ranges_[index(x)][static_cast<std::size_t>(c)];
        if (!r.constant()) continue;  // its weights are all 0
        for (std::int64_t t = 0; t < w.taps; ++t) b += std::int64_t{w.weight(o, t, c)} * (r.lo - w.zero_point);
      }
      const auto value = static_cast<std::int32_t>(b);  // a part of an accumulator that was proved to fit
      const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
      bias.data.insert(bias.data.end(), raw, raw + sizeof value);
    }
    const auto put = [&](std::int32_t v) { weights.data.push_back(static_cast<std::uint8_t>(v)); };
    if (w.depthwise) {
      for (std::int64_t t = 0; t < w.taps; ++t) {
        for (const std::int64_t o : outputs) put(w.weight(o, t, o));
      }
      weights.shape.back() = static_cast<std::int64_t>(outputs.size());
    } else {
      for (const std::int64_t o : outputs) {
        for (std::int64_t t = 0; t < w.taps; ++t) {
          for (const std::int64_t c : inputs) put(w.weight(o, t, c));
        }
      }
      weights.shape[0] = static_cast<std::int64_t>(outputs.size());
      weights.shape.back() = static_cast<std::int64_t>(inputs.size());
    }
    if (weights.quant.per_channel()) {
      Quant quant{{}, {}, weights.quant.axis};
      for (const std::int64_t o : outputs) {
        quant.scale.push_back(weights.quant.scale[static_cast<std::size_t>(o)]);
        quant.zero_point.push_back(weights.quant.zero_point[static_cast<std::size_t>(o)]);
      }
      weights.quant = std::move(quant);
    }
    Node& out = g_.nodes[n];
    out.inputs.resize(std::max<std::size_t>(3, out.inputs.size()), kNoTensor);
    out.inputs[1] = g_.add_tensor(std::move(weights));
    out.inputs[2] = g_.add_tensor(std::move(bias));
  }

  // The shape operand of a reshape names the last dimension.
  void shrink_reshape(std::size_t n, TensorId y) {
    Shape shape = g_.tensor(y).shape;
    shape.back() = static_cast<std::int64_t>(kept(y).size());
    Tensor operand;
    operand.name = g_.nodes[n].name + "/shape";
    operand.type = DType::s32;
    operand.shape = {static_cast<std::int64_t>(shape.size())};
    operand.is_constant = true;
    for (const std::int64_t d : shape) {
      const auto value = static_cast<std::int32_t>(d);  // below kMaxElements
      const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
      operand.data.insert(operand.data.end(), raw, raw + sizeof value);
    }
    Node& node = g_.nodes[n];
    node.inputs.resize(2, kNoTensor);
    node.inputs[1] = g_.add_tensor(std::move(operand));
  }

  Graph& g_;
  std::map<std::size_t, Weighted> weighted_;  // by node
  std::vector<std::vector<Range>> ranges_;    // per tensor and channel
  std::vector<std::vector<bool>> needed_;
};

}  // namespace

Result<bool> shrink_channels(Graph& graph) { return Shrinker(graph).run(); }

}  // namespace mote::passes
