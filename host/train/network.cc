// Lists of layers, and their translation into operators.
#include "host/train/network.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace mote::train {
namespace {

struct Size {
  std::int64_t h, w;
};

class Builder {
 public:
  explicit Builder(Network& network) : net_(network) {
    h_ = network.rows;
    w_ = network.rows_of_channels ? 1 : network.channels;
    c_ = network.rows_of_channels ? network.channels : 1;
  }

  void conv(std::int64_t filters, Size kernel, Size stride, bool same) {
    window(Layer::Kind::conv, filters, kernel, stride, same);
  }
  void depthwise(Size kernel, Size stride, bool same) { window(Layer::Kind::depthwise, c_, kernel, stride, same); }
  void dense(std::int64_t units, bool is_last) {
    Layer l = start(Layer::Kind::dense);
    l.in_c = h_ * w_ * c_;
    l.in_h = l.in_w = 1;
    l.out_c = units;
    l.relu = l.batch_norm = !is_last;
    finish(l);
  }
  void average() {
    Layer l = start(Layer::Kind::average);
    l.kernel_h = h_;
    l.kernel_w = w_;
    l.out_c = c_;
    finish(l);
  }
  void dropout(double drop) {
    if (drop <= 0) return;
    Layer l = start(Layer::Kind::dropout);
    l.drop = drop;
    l.out_h = h_, l.out_w = w_, l.out_c = c_;
    finish(l);
  }
  [[nodiscard]] std::int64_t height() const { return h_; }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  Layer start(Layer::Kind kind) {
    constexpr const char* kNames[] = {"conv", "depthwise", "dense", "average", "dropout"};
    Layer l;
    l.kind = kind;
    l.name = fmt::format("{}_{}", kNames[static_cast<std::size_t>(kind)], net_.layers.size());
    l.in_h = h_, l.in_w = w_, l.in_c = c_;
    return l;
  }
  void window(Layer::Kind kind, std::int64_t filters, Size kernel, Size stride, bool same) {
    Layer l = start(kind);
    l.kernel_h = kernel.h, l.kernel_w = kernel.w;
    l.stride_h = stride.h, l.stride_w = stride.w;
    l.same = same;
    const auto along = [&](std::int64_t in, std::int64_t k, std::int64_t s, std::int64_t& before, std::int64_t& after) {
      if (!same) return in < k ? std::int64_t{0} : (in - k) / s + 1;
      const std::int64_t out = (in + s - 1) / s;
      const std::int64_t pad = std::max<std::int64_t>(0, (out - 1) * s + k - in);
      before = pad / 2;
      after = pad - before;
      return out;
    };
    l.out_h = along(h_, kernel.h, stride.h, l.pad_top, l.pad_bottom);
    l.out_w = along(w_, kernel.w, stride.w, l.pad_left, l.pad_right);
    l.out_c = filters;
    fits_ = fits_ && l.out_h > 0 && l.out_w > 0;
    finish(l);
  }
  void finish(const Layer& l) {
    h_ = l.out_h, w_ = l.out_w, c_ = l.out_c;
    net_.layers.push_back(l);
  }

  Network& net_;
  std::int64_t h_, w_, c_;
  bool fits_ = true;
};

Result<std::vector<std::int64_t>> units_of(const Project& project) {
  std::vector<std::int64_t> out;
  for (const std::string& text : project.texts("model.units")) {
    std::int64_t n = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (code != std::errc{} || end != text.data() + text.size() || n < 1 || n > 4096) {
      return Error{fmt::format("model.units has '{}', which is no number from 1 to 4096", text),
                   std::string(kProjectFile), "write for example units = [\"128\", \"64\", \"32\"]"};
    }
    out.push_back(n);
  }
  return out;
}

template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& v) {
  std::vector<std::uint8_t> out(v.size() * sizeof(T));
  if (!v.empty()) std::memcpy(out.data(), v.data(), out.size());
  return out;
}

}  // namespace

Shape Layer::weight_shape() const {
  switch (kind) {
    case Kind::conv: return {out_c, kernel_h, kernel_w, in_c};
    case Kind::depthwise: return {1, kernel_h, kernel_w, out_c};
    case Kind::dense: return {out_c, in_c};
    default: return {};
  }
}

std::int64_t Network::parameters() const {
  std::int64_t out = 0;
  for (const Layer& l : layers) {
    if (l.has_weights()) out += elements(l.weight_shape()) + l.out_c;
  }
  return out;
}

std::int64_t Network::macs() const {
  std::int64_t out = 0;
  for (const Layer& l : layers) {
    if (!l.has_weights()) continue;
    const std::int64_t each =
        l.kind == Layer::Kind::dense ? l.in_c : l.kernel_h * l.kernel_w * (l.kind == Layer::Kind::conv ? l.in_c : 1);
    out += each * l.out_h * l.out_w * l.out_c;
  }
  return out;
}

std::string Network::fingerprint() const {
  std::string out = fmt::format("{} {}x{} -> {}", name, rows, channels, classes);
  for (const Layer& l : layers) {
    if (l.has_weights()) {
      out += fmt::format("; {} {} stride {}x{} pad {},{}", l.name, text_of(l.weight_shape()), l.stride_h, l.stride_w,
                         l.pad_top, l.pad_left);
    }
  }
  return out;
}

Result<Network> make_network(const Project& project, std::int64_t rows, std::int64_t channels, std::int64_t classes) {
  Network net;
  net.name = project.text("model.name");
  net.rows = rows;
  net.channels = channels;
  net.classes = classes;
  const std::int64_t filters = project.integer("model.filters");
  const std::int64_t blocks = project.integer("model.blocks");
  const double drop = project.real("model.dropout");
  net.rows_of_channels = net.name == "cnn1d" || net.name == "causal";
  Builder b(net);
  if (net.name == "dnn") {
    MOTE_LET(units, units_of(project));
    for (const std::int64_t n : units) {
      b.dense(n, false);
      b.dropout(drop);
    }
  } else if (net.name == "cnn1d") {
    b.conv(filters, {5, 1}, {1, 1}, true);
    for (std::int64_t i = 1; i < blocks; ++i) b.conv(filters, {5, 1}, {2, 1}, true);
    b.average();
    b.dropout(drop);
  } else if (net.name == "ds_cnn") {
    // Zhang et al., arXiv:1711.07128.
    b.conv(filters, {10, 4}, {2, 2}, true);
    for (std::int64_t i = 0; i < blocks; ++i) {
      b.depthwise({3, 3}, {1, 1}, true);
      b.conv(filters, {1, 1}, {1, 1}, true);
    }
    b.average();
    b.dropout(drop);
  } else {
    // Causal in time: every output row depends on the rows before it alone, so that a stream can keep them.
    b.conv(filters, {3, 1}, {1, 1}, false);
    for (std::int64_t i = 0; i < blocks; ++i) {
      b.depthwise({std::min<std::int64_t>(5 + 2 * i, 13), 1}, {1, 1}, false);
      b.conv(filters, {1, 1}, {1, 1}, false);
    }
    if (b.fits()) b.average();
    b.dropout(drop);
  }
  if (!b.fits()) {
    return Error{fmt::format("{} rows of features are too few for model '{}' with {} blocks", rows, net.name, blocks),
                 std::string(kProjectFile), "raise data.clip_ms, or lower model.blocks or signal.hop_ms"};
  }
  b.dense(classes, true);
  return net;
}

BuiltGraph build_graph(const Network& net, const std::vector<LayerWeights>& weights) {
  BuiltGraph out;
  Graph& g = out.graph;
  g.name = net.name;
  const auto activation = [&](const std::string& name, Shape shape) {
    Tensor t;
    t.name = name;
    t.type = DType::f32;
    t.shape = std::move(shape);
    return g.add_tensor(std::move(t));
  };
  const auto constant = [&](const std::string& name, Shape shape, const std::vector<float>& values) {
    Tensor t;
    t.name = name;
    t.type = DType::f32;
    t.shape = std::move(shape);
    t.is_constant = true;
    t.data = bytes_of(values);
    return g.add_tensor(std::move(t));
  };
  TensorId at = activation(
      "features", net.rows_of_channels ? Shape{1, net.rows, 1, net.channels} : Shape{1, net.rows, net.channels, 1});
  g.inputs = {at};
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const Layer& l = net.layers[i];
    if (l.kind == Layer::Kind::dropout) {
      out.tensor_of_layer.push_back(kNoTensor);
      continue;
    }
    Node node;
    node.name = l.name;
    node.inputs = {at};
    if (l.has_weights()) {
      node.inputs.push_back(constant(l.name + "_weights", l.weight_shape(), weights[i].weights));
      node.inputs.push_back(constant(l.name + "_bias", {l.out_c}, weights[i].bias));
    }
    node.attrs.set("activation", std::string(l.relu && l.has_weights() ? "relu" : "none"));
    if (l.kind == Layer::Kind::dense) {
      node.kind = OpKind::fully_connected;
      node.attrs.set("keep_num_dims", std::int64_t{0});
      at = activation(l.name, {1, l.out_c});
    } else {
      node.kind = l.kind == Layer::Kind::conv        ? OpKind::conv_2d
                  : l.kind == Layer::Kind::depthwise ? OpKind::depthwise_conv_2d
                                                     : OpKind::average_pool_2d;
      node.attrs.set("padding", std::string(l.same ? "same" : "valid"));
      node.attrs.set("stride_h", l.stride_h);
      node.attrs.set("stride_w", l.stride_w);
      if (l.has_weights()) {
        node.attrs.set("dilation_h", std::int64_t{1});
        node.attrs.set("dilation_w", std::int64_t{1});
      } else {
        node.attrs.set("kernel_h", l.kernel_h);
        node.attrs.set("kernel_w", l.kernel_w);
      }
      at = activation(l.name, {1, l.out_h, l.out_w, l.out_c});
    }
    node.outputs = {at};
    g.nodes.push_back(std::move(node));
    out.tensor_of_layer.push_back(at);
  }
  Node softmax;
  softmax.kind = OpKind::softmax;
  softmax.name = "probabilities";
  softmax.inputs = {at};
  softmax.outputs = {activation("probabilities", {1, net.classes})};
  softmax.attrs.set("beta", 1.0);
  g.outputs = softmax.outputs;
  g.nodes.push_back(std::move(softmax));
  return out;
}

}  // namespace mote::train
