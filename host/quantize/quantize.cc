// Quantises node by node; tensors that operators tie together share one scale.
#include "host/quantize/quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "host/ops/infer.h"
#include "host/ops/quantize_rule.h"

namespace mote {
namespace {

constexpr double kLevels = 255;
constexpr double kWeightLevels = 127;    // symmetric: -128 is not used
constexpr double kMostBias = 1 << 29;    // |bias| stays below what the operators' bounds allow
constexpr float kLeastScale = 0x1p-30F;  // of a tensor that is always 0

std::vector<float> floats_of(const Bytes& bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

std::int8_t quantized(double value, float scale, std::int32_t zero_point) {
  const double q = std::nearbyint(value / static_cast<double>(scale)) + zero_point;
  return static_cast<std::int8_t>(std::clamp(q, -128.0, 127.0));
}

class Quantizer {
 public:
  Quantizer(const Graph& graph, const Ranges& ranges, const QuantizeOptions& options)
      : in_(graph), ranges_(ranges), options_(options), out_(graph), parent_(graph.tensors.size()) {
    std::iota(parent_.begin(), parent_.end(), 0);
    for (std::size_t n = 0; n < in_.nodes.size(); ++n)
      is_int8_.push_back(can(in_.nodes[n]) && (!options_.selected || options_.selected(n)));
  }

  Result<Graph> run() {
    tie();
    MOTE_TRY(demand());
    out_.nodes.clear();
    // A graph's input is int8 if a node that reads it is.
    for (const TensorId id : in_.inputs) {
      if (is_float(id) && read_as_int8(id)) MOTE_TRY(make_int8(id, id));
    }
    for (std::size_t n = 0; n < in_.nodes.size(); ++n) {
      Status status = is_int8_[n] ? node(in_.nodes[n]) : float_node(in_.nodes[n]);
      if (!status.ok()) return std::move(status).error().in(in_.where(in_.nodes[n])).in(in_.source);
    }
    drop_unused();
    MOTE_TRY(verify(out_));
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_float(TensorId id) const { return id != kNoTensor && in_.tensor(id).type == DType::f32; }

  // Nodes on float values; others (indices, shapes) stay as they are.
  [[nodiscard]] bool can(const Node& node) const {
    return std::ranges::any_of(node.inputs, [&](TensorId id) { return is_float(id); }) && is_float(node.outputs[0]);
  }

  [[nodiscard]] bool read_as_int8(TensorId id) const {
    for (std::size_t n = 0; n < in_.nodes.size(); ++n) {
      if (is_int8_[n] && std::ranges::find(in_.nodes[n].inputs, id) != in_.nodes[n].inputs.end()) return true;
    }
    return false;
  }

  std::size_t group(TensorId id) {
    auto at = static_cast<std::size_t>(id);
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }

  void tie() {
    for (std::size_t n = 0; n < in_.nodes.size(); ++n) {
      const Node& node = in_.nodes[n];
      if (!is_int8_[n] || quantize_rule(node.kind).output != QuantizeRule::Output::like_input) continue;
      for (const auto* list : {&node.inputs, &node.outputs}) {
        for (const TensorId id : *list) {
          if (is_float(id)) parent_[group(id)] = group(node.outputs[0]);
        }
      }
    }
  }

  Status set_group(TensorId id, const Quant& quant) {
    const auto [at, is_new] = quants_.try_emplace(group(id), quant);
    if (is_new || at->second == quant) return {};
    return Error{"two operators demand different scales", fmt::format("tensor '{}'", in_.tensor(id).name),
                 "leave one of the operators in float"};
  }

  Status demand() {
    for (std::size_t n = 0; n < in_.nodes.size(); ++n) {
      if (!is_int8_[n]) continue;
      const QuantizeRule::Output rule = quantize_rule(in_.nodes[n].kind).output;
      if (rule == QuantizeRule::Output::zero_to_one) {
        MOTE_TRY(set_group(in_.nodes[n].outputs[0], {{1.0F / 256}, {-128}, 0}));
      } else if (rule == QuantizeRule::Output::minus_one_to_one) {
        MOTE_TRY(set_group(in_.nodes[n].outputs[0], {{1.0F / 128}, {0}, 0}));
      }
    }
    for (const auto& [id, quant] : options_.given) MOTE_TRY(set_group(id, quant));
    // Everything else by the range of its group.
    std::map<std::size_t, Range> joined;
    for (std::size_t i = 0; i < in_.tensors.size(); ++i) {
      const auto id = static_cast<TensorId>(i);
      std::optional<Range> range;
      if (const auto known = ranges_.find(id); known != ranges_.end()) range = known->second;
      if (in_.tensors[i].is_constant && is_float(id)) {
        const std::vector<float> values = floats_of(in_.tensors[i].data);
        const auto [low, high] = std::ranges::minmax(values);
        range = Range{low, high};
      }
      if (!range) continue;
      if (!std::isfinite(range->min) || !std::isfinite(range->max) || range->min > range->max) {
        return Error{fmt::format("has the range {} to {}", range->min, range->max),
                     fmt::format("{}: tensor '{}'", in_.source, in_.tensors[i].name), "find the ranges again"};
      }
      Range& all = joined.try_emplace(group(id), *range).first->second;
      all.min = std::min(all.min, range->min);
      all.max = std::max(all.max, range->max);
    }
    for (const auto& [at, range] : joined) quants_.try_emplace(at, activation_quant(range));
    return {};
  }

  Result<Quant> quant_of(TensorId id) {
    const auto known = quants_.find(group(id));
    if (known != quants_.end()) return known->second;
    return Error{"has no range", fmt::format("tensor '{}'", in_.tensor(id).name),
                 "find ranges by running the model over examples"};
  }

  // Gives tensor `to` the int8 form of `from`, its constant content too.
  Status make_int8(TensorId from, TensorId to) {
    MOTE_LET(quant, quant_of(from));
    Tensor& t = out_.tensor(to);
    t.type = DType::s8;
    t.quant = quant;
    if (!t.is_constant) return {};
    std::vector<std::int8_t> values;
    for (const float v : floats_of(t.data))
      values.push_back(quantized(static_cast<double>(v), quant.scale[0], quant.zero_point[0]));
    t.data = bytes_of(values);
    return {};
  }

  // The tensor that holds `id` as int8 or as float, through a conversion where its writer left the other.
  Result<TensorId> as(TensorId id, DType type) {
    if (out_.tensor(id).type == type) return id;
    auto& known = (type == DType::s8 ? as_int8_ : as_float_);
    if (const auto at = known.find(id); at != known.end()) return at->second;
    Tensor t = out_.tensor(id);
    t.name += type == DType::s8 ? "_int8" : "_float";
    t.type = type;
    t.quant = {};
    if (type == DType::s8) {
      MOTE_LET(quant, quant_of(id));
      t.quant = quant;
    }
    const TensorId made = out_.add_tensor(t);
    Node node;
    node.kind = type == DType::s8 ? OpKind::quantize : OpKind::dequantize;
    node.name = out_.tensor(made).name;
    node.inputs = {id};
    node.outputs = {made};
    out_.nodes.push_back(std::move(node));
    known[id] = made;
    return made;
  }

  Status float_node(const Node& given) {
    Node node = given;
    for (TensorId& id : node.inputs) {
      if (!is_float(id) || out_.tensor(id).is_constant) continue;
      MOTE_LET(real, as(id, DType::f32));
      id = real;
    }
    out_.nodes.push_back(std::move(node));
    return {};
  }

  Status node(const Node& given) {
    Node node = given;
    const QuantizeRule rule = quantize_rule(given.kind);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      TensorId& id = node.inputs[i];
      if (!is_float(id) || (rule.channel_axis >= 0 && i > 0)) continue;
      if (in_.tensor(id).is_constant) {
        // A copy: another node may need it in float or with another scale.
        const TensorId made = out_.add_tensor(in_.tensor(id));
        MOTE_TRY(make_int8(id, made));
        id = made;
      } else {
        MOTE_LET(int8, as(id, DType::s8));
        id = int8;
      }
    }
    if (rule.channel_axis >= 0) MOTE_TRY(weights(node, rule.channel_axis));
    for (const TensorId id : node.outputs) {
      if (is_float(id)) MOTE_TRY(make_int8(id, id));
    }
    out_.nodes.push_back(std::move(node));
    return {};
  }

  Status weights(Node& node, int axis) {
    const Tensor& w = in_.tensor(node.inputs[1]);
    const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoTensor;
    if (!w.is_constant || (has_bias && !in_.tensor(node.inputs[2]).is_constant)) {
      return Error{"has weights that are computed", "", "leave the operator in float"};
    }
    const std::vector<float> values = floats_of(w.data);
    const std::vector<float> bias = has_bias ? floats_of(in_.tensor(node.inputs[2]).data) : std::vector<float>();
    for (const auto* list : {&values, &bias}) {
      if (!std::ranges::all_of(*list, [](float v) { return std::isfinite(v); })) {
        return Error{"has weights that are not finite", "", "train the model again, with a lower learning rate"};
      }
    }
    const auto channels = static_cast<std::size_t>(w.shape[static_cast<std::size_t>(axis)]);
    std::size_t inner = 1;
    for (std::size_t d = static_cast<std::size_t>(axis) + 1; d < w.shape.size(); ++d)
      inner *= static_cast<std::size_t>(w.shape[d]);
    const auto channel_of = [&](std::size_t i) { return i / inner % channels; };

    std::vector<float> largest(channels);
    for (std::size_t i = 0; i < values.size(); ++i) {
      float& most = largest[channel_of(i)];
      most = std::max(most, std::fabs(values[i]));
    }
    const float of_all = *std::ranges::max_element(largest);
    const double in_scale = static_cast<double>(out_.tensor(node.inputs[0]).quant.scale[0]);
    Tensor q = w;
    q.type = DType::s8;
    q.quant = {{}, std::vector<std::int32_t>(channels), axis};
    for (std::size_t c = 0; c < channels; ++c) {
      // A channel without weights takes the largest scale: its bias must still fit.
      const float most = largest[c] > 0 ? largest[c] : of_all;
      double scale = static_cast<double>(most) / kWeightLevels;
      if (!bias.empty()) scale = std::max(scale, std::fabs(static_cast<double>(bias[c])) / (kMostBias * in_scale));
      q.quant.scale.push_back(std::max(static_cast<float>(scale), kLeastScale));
    }
    std::vector<std::int8_t> int8;
    for (std::size_t i = 0; i < values.size(); ++i) {
      int8.push_back(
          std::max<std::int8_t>(quantized(static_cast<double>(values[i]), q.quant.scale[channel_of(i)], 0), -127));
    }
    q.data = bytes_of(int8);
    const std::vector<float> scales = q.quant.scale;
    node.inputs[1] = out_.add_tensor(std::move(q));
    if (!has_bias) return {};

    Tensor b = in_.tensor(node.inputs[2]);
    b.type = DType::s32;
    b.quant = {{}, std::vector<std::int32_t>(channels), 0};
    std::vector<std::int32_t> int32;
    for (std::size_t c = 0; c < channels; ++c) {
      const float scale = static_cast<float>(in_scale * static_cast<double>(scales[c]));
      b.quant.scale.push_back(scale);
      const double v = std::nearbyint(static_cast<double>(bias[c]) / (in_scale * static_cast<double>(scales[c])));
      int32.push_back(static_cast<std::int32_t>(std::clamp(v, -kMostBias, kMostBias)));
    }
    b.data = bytes_of(int32);
    node.inputs[2] = out_.add_tensor(std::move(b));
    return {};
  }

  // Float constants that only int8 nodes read are gone; ids of the rest close up.
  void drop_unused() {
    std::vector<bool> used(out_.tensors.size());
    const auto mark = [&](const std::vector<TensorId>& ids) {
      for (const TensorId id : ids) {
        if (id != kNoTensor) used[static_cast<std::size_t>(id)] = true;
      }
    };
    mark(out_.inputs);
    mark(out_.outputs);
    for (const Node& n : out_.nodes) mark(n.inputs), mark(n.outputs);
    std::vector<TensorId> to(used.size(), kNoTensor);
    std::vector<Tensor> kept;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      to[i] = static_cast<TensorId>(kept.size());
      kept.push_back(std::move(out_.tensors[i]));
    }
    out_.tensors = std::move(kept);
    const auto renumber = [&](std::vector<TensorId>& ids) {
      for (TensorId& id : ids) {
        if (id != kNoTensor) id = to[static_cast<std::size_t>(id)];
      }
    };
    renumber(out_.inputs);
    renumber(out_.outputs);
    for (Node& n : out_.nodes) renumber(n.inputs), renumber(n.outputs);
  }

  const Graph& in_;
  const Ranges& ranges_;
  const QuantizeOptions& options_;
  Graph out_;
  std::vector<bool> is_int8_;
  std::vector<std::size_t> parent_;      // of a tensor, towards the one that stands for its group
  std::map<std::size_t, Quant> quants_;  // by that one
  std::map<TensorId, TensorId> as_int8_;
  std::map<TensorId, TensorId> as_float_;
};

double sqnr_db(const std::vector<float>& real, const std::vector<float>& approximate, double& signal, double& noise) {
  for (std::size_t i = 0; i < real.size(); ++i) {
    const double r = static_cast<double>(real[i]);
    const double e = r - static_cast<double>(approximate[i]);
    signal += r * r;
    noise += e * e;
  }
  return noise > 0 ? 10 * std::log10(std::max(signal, 1e-30) / noise) : 200;
}

std::vector<float> real_values(const Tensor& t, const Bytes& bytes) {
  if (t.type == DType::f32) return floats_of(bytes);
  std::vector<float> out;
  for (const std::uint8_t b : bytes) {
    out.push_back(t.quant.scale[0] * static_cast<float>(static_cast<std::int8_t>(b) - t.quant.zero_point[0]));
  }
  return out;
}

// A float record as the inputs of a graph that may take int8.
std::vector<Bytes> inputs_of(const Graph& graph, const std::vector<Bytes>& record) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const Tensor& t = graph.tensor(graph.inputs[i]);
    if (t.type != DType::s8) {
      out.push_back(record[i]);
      continue;
    }
    std::vector<std::int8_t> values;
    for (const float v : floats_of(record[i]))
      values.push_back(quantized(static_cast<double>(v), t.quant.scale[0], t.quant.zero_point[0]));
    out.push_back(bytes_of(values));
  }
  return out;
}

Result<double> score_of(const Graph& graph, const std::vector<std::vector<Bytes>>& records,
                        const std::function<double(const std::vector<std::vector<float>>&)>& score) {
  MOTE_LET(run, Interpreter::create(graph));
  std::vector<std::vector<float>> outputs;
  for (const auto& record : records) {
    MOTE_LET(out, run.run(inputs_of(graph, record)));
    outputs.push_back(real_values(graph.tensor(graph.outputs[0]), out[0]));
  }
  return score(outputs);
}

}  // namespace

Quant activation_quant(Range range) {
  const double low = std::min(0.0, static_cast<double>(range.min));
  const double high = std::max(0.0, static_cast<double>(range.max));
  const float scale = std::max(static_cast<float>((high - low) / kLevels), kLeastScale);
  const double zero = std::nearbyint(-128 - low / static_cast<double>(scale));
  return {{scale}, {static_cast<std::int32_t>(std::clamp(zero, -128.0, 127.0))}, 0};
}

Result<Graph> quantize_graph(const Graph& graph, const Ranges& ranges, const QuantizeOptions& options) {
  return Quantizer(graph, ranges, options).run();
}

Result<QuantizeLoss> measure_loss(const Graph& graph, const Ranges& ranges, const QuantizeOptions& options,
                                  const std::vector<std::vector<Bytes>>& records,
                                  const std::function<double(const std::vector<std::vector<float>>&)>& score,
                                  bool each_layer) {
  QuantizeLoss out;
  MOTE_LET(int8, quantize_graph(graph, ranges, options));
  MOTE_LET(score_float, score_of(graph, records, score));
  MOTE_LET(score_int8, score_of(int8, records, score));
  out.score_float = score_float;
  out.score_int8 = score_int8;

  MOTE_LET(real, Interpreter::create(graph));
  MOTE_LET(small, Interpreter::create(int8));
  std::vector<std::pair<double, double>> power(graph.nodes.size());
  // Nodes keep their order; conversions stand between them.
  std::vector<TensorId> counterparts;
  for (const Node& node : int8.nodes) {
    if (counterparts.size() < graph.nodes.size() && node.kind == graph.nodes[counterparts.size()].kind &&
        node.name == graph.nodes[counterparts.size()].name) {
      counterparts.push_back(node.outputs[0]);
    }
  }
  for (const auto& record : records) {
    MOTE_LET(a, real.run(record));
    MOTE_LET(b, small.run(inputs_of(int8, record)));
    (void)a, (void)b;
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const TensorId id = counterparts[n];
      const TensorId original = graph.nodes[n].outputs[0];
      if (int8.tensor(id).type != DType::s8 || graph.tensor(original).type != DType::f32) continue;
      sqnr_db(floats_of(real.tensor(original)), real_values(int8.tensor(id), small.tensor(id)), power[n].first,
              power[n].second);
    }
  }
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    LayerLoss layer{n, std::string(name_of(graph.nodes[n].kind)), graph.nodes[n].name, 0, 0, 0};
    layer.sqnr_db = sqnr_db({}, {}, power[n].first, power[n].second);
    const auto is_int8 = [&](std::size_t node) { return !options.selected || options.selected(node); };
    if (each_layer && is_int8(n)) {
      QuantizeOptions only = options;
      only.selected = [n](std::size_t node) { return node == n; };
      MOTE_LET(graph_only, quantize_graph(graph, ranges, only));
      MOTE_LET(with, score_of(graph_only, records, score));
      only.selected = [n, is_int8](std::size_t node) { return node != n && is_int8(node); };
      MOTE_LET(graph_but, quantize_graph(graph, ranges, only));
      MOTE_LET(without, score_of(graph_but, records, score));
      layer.score_only = with;
      layer.score_but = without;
    }
    out.layers.push_back(layer);
  }
  return out;
}

}  // namespace mote
