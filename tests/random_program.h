// Random valid programs from a seed: small graphs of int8 operators with the patterns that passes look for.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/ops/op.h"
#include "host/passes/edit.h"
#include "host/passes/testing.h"

namespace mote::testing {

// Tries random steps; a step whose operator rejects the shapes or scales leaves no trace, so the generator needs to
// know no rule of any operator.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) : rng_(seed) {}

  Graph make() {
    for (int i = 0, n = pick(1, 2); i < n; ++i) made_.push_back(b_.input(image("x" + std::to_string(i))));
    if (chance(3)) constant_image();
    for (int steps = pick(3, 12), tries = 0; steps > 0 && tries < 100; ++tries) {
      if (step(any_tensor())) --steps;
    }
    // Most tensors that nothing reads become outputs; the others are dead code. Now and then an inner tensor is an
    // output.
    const Edit edit(b_.graph);
    for (const Node& node : b_.graph.nodes) {
      const TensorId y = node.outputs[0];
      if (edit.consumers(y).empty() ? !chance(4) : chance(8)) b_.output(y);
    }
    if (b_.graph.outputs.empty()) b_.output(b_.graph.nodes.back().outputs[0]);
    return b_.graph;
  }

 private:
  using Attributes = std::vector<std::pair<std::string, AttrValue>>;
  static constexpr std::int64_t kMaxElems = 1024;

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng_); }
  bool chance(int one_in) { return pick(1, one_in) == 1; }
  float scale() { return std::exp(std::uniform_real_distribution<float>(std::log(0.004F), std::log(0.25F))(rng_)); }
  std::int32_t zero_point() { return chance(3) ? (chance(2) ? -128 : 127) : pick(-128, 127); }
  TensorId any_tensor() { return made_[static_cast<std::size_t>(pick(0, static_cast<int>(made_.size()) - 1))]; }
  const Tensor& tensor(TensorId id) const { return b_.graph.tensor(id); }
  std::string fresh(const std::string& prefix) { return prefix + std::to_string(b_.graph.tensors.size()); }
  std::string one_of(std::initializer_list<const char*> words) {
    return words.begin()[pick(0, static_cast<int>(words.size()) - 1)];
  }

  TensorId image(const std::string& name) {
    return b_.activation(name, {1, pick(1, 8), pick(1, 8), pick(1, 4)}, scale(), zero_point());
  }

  std::vector<std::int8_t> values(std::int64_t count) {
    std::vector<std::int8_t> out(static_cast<std::size_t>(count));
    for (auto& v : out) v = static_cast<std::int8_t>(pick(-127, 127));
    return out;
  }

  void constant_image() {
    const Shape shape = {1, pick(1, 5), pick(1, 5), pick(1, 3)};
    made_.push_back(b_.constant(fresh("c"), DType::s8, shape, values(elements(shape)), {{scale()}, {zero_point()}, 0}));
  }

  TensorId ints(const std::string& prefix, const Shape& shape, const std::vector<std::int32_t>& v) {
    return b_.constant(fresh(prefix), DType::s32, shape, v);
  }

  // Adds a node whose output has quantisation `q`. kNoTensor where the operator refuses.
  TensorId add(OpKind kind, const std::vector<TensorId>& inputs, const Attributes& attrs, const Quant& q) {
    const TensorId y = b_.activation(fresh("t"), tensor(inputs[0]).shape, q.scale[0], q.zero_point[0]);
    const Node& node = b_.node(kind, inputs, {y}, attrs);
    auto inferred = op_row(kind).def->infer(b_.graph, node);
    bool ok =
        inferred.ok() && inferred.value()[0].type == DType::s8 && elements(inferred.value()[0].shape) <= kMaxElems;
    if (ok) {
      b_.graph.tensor(y).shape = inferred.value()[0].shape;
      ok = op_row(kind).def->lower(b_.graph, node, IsaSet{}).ok();
    }
    if (!ok) {
      b_.graph.nodes.pop_back();
      b_.graph.tensors.pop_back();
      return kNoTensor;
    }
    made_.push_back(y);
    return y;
  }
  // With the quantisation of its first input, or one of its own.
  TensorId add(OpKind kind, const std::vector<TensorId>& inputs, const Attributes& attrs, bool like_first) {
    return add(kind, inputs, attrs, like_first ? Quant(tensor(inputs[0]).quant) : Quant{{scale()}, {zero_point()}, 0});
  }

  // For an output that sums `taps` products: results neither vanish nor saturate.
  Quant sum_quant(TensorId x, float weight_scale, std::int64_t taps) {
    const float spread = std::uniform_real_distribution<float>(0.5F, 3.0F)(rng_);
    const float out = tensor(x).quant.scale[0] * weight_scale * std::sqrt(static_cast<float>(taps)) * 90.0F * spread;
    return {{out}, {zero_point()}, 0};
  }

  std::string activation() { return chance(3) ? one_of({"relu", "relu6", "relu_n1_to_1"}) : "none"; }

  Attributes window() {
    Attributes out = {
        {"stride_h", std::int64_t{pick(1, 2)}}, {"stride_w", std::int64_t{pick(1, 2)}}, {"activation", activation()}};
    const std::string padding = one_of({"same", "valid", "valid", "explicit"});
    out.emplace_back("padding", padding);
    if (padding == "explicit") {
      out.emplace_back("pads", std::vector<std::int64_t>{pick(0, 2), pick(0, 2), pick(0, 2), pick(0, 2)});
    }
    return out;
  }

  // Weights of `shape` and a bias (or none), with one scale per index of `axis` or one in all.
  std::vector<TensorId> weights(TensorId x, const Shape& shape, std::int32_t axis, bool per_channel,
                                float weight_scale) {
    const auto channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
    const std::size_t count = per_channel ? channels : 1;
    Quant q = {{}, std::vector<std::int32_t>(count, 0), count > 1 ? axis : 0};
    for (std::size_t i = 0; i < count; ++i)
      q.scale.push_back(weight_scale * (1.0F + static_cast<float>(pick(-3, 3)) / 8.0F));
    std::vector<TensorId> out = {x, b_.constant(fresh("k"), DType::s8, shape, values(elements(shape)), q)};
    if (chance(4)) return out;
    std::vector<std::int32_t> bias(channels);
    for (auto& v : bias) v = pick(-3000, 3000);
    out.push_back(ints("b", {shape[static_cast<std::size_t>(axis)]}, bias));
    return out;
  }

  TensorId conv(TensorId x, const Attributes& attrs) {
    if (tensor(x).shape.size() != 4) return kNoTensor;
    const std::int64_t depth = tensor(x).shape[3];
    const Shape k = {pick(1, 4), pick(1, 3), pick(1, 3), depth};
    const float ws = scale() / 16;
    return add(OpKind::conv_2d, weights(x, k, 0, chance(2), ws), attrs, sum_quant(x, ws, k[1] * k[2] * depth));
  }

  TensorId depthwise(TensorId x, const Attributes& attrs) {
    if (tensor(x).shape.size() != 4) return kNoTensor;
    const Shape k = {1, pick(1, 3), pick(1, 3), tensor(x).shape[3] * pick(1, 2)};
    const float ws = scale() / 16;
    return add(OpKind::depthwise_conv_2d, weights(x, k, 3, chance(2), ws), attrs, sum_quant(x, ws, k[1] * k[2]));
  }

  TensorId dense(TensorId x) {
    const Shape& shape = tensor(x).shape;
    const std::int64_t depth = chance(2) ? elements(shape) : shape.back();
    const float ws = scale() / 16;
    return add(OpKind::fully_connected, weights(x, {pick(1, 6), depth}, 0, chance(2), ws),
               {{"activation", activation()}, {"keep_num_dims", std::int64_t{pick(0, 1)}}}, sum_quant(x, ws, depth));
  }

  TensorId pool(TensorId x) {
    const OpKind kind = chance(2) ? OpKind::average_pool_2d : OpKind::max_pool_2d;
    Attributes attrs = window();
    attrs.emplace_back("kernel_h", std::int64_t{pick(1, 3)});
    attrs.emplace_back("kernel_w", std::int64_t{pick(1, 3)});
    return add(kind, {x}, attrs, true);
  }

  // Zero padding, mostly of height and width alone; often what a convolution reads.
  bool pad(TensorId x) {
    const auto rank = static_cast<std::int64_t>(tensor(x).shape.size());
    std::vector<std::int32_t> amounts(static_cast<std::size_t>(2 * rank), 0);
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      if ((i >= 2 && i < 6) || chance(12)) amounts[i] = pick(0, 2);
    }
    const TensorId p = add(OpKind::pad, {x, ints("paddings", {rank, 2}, amounts)}, {}, !chance(8));
    if (p == kNoTensor || chance(4)) return p != kNoTensor;
    return (chance(2) ? conv(p, window()) : depthwise(p, window())) != kNoTensor;
  }

  TensorId transpose(TensorId x) {
    const auto rank = static_cast<std::int64_t>(tensor(x).shape.size());
    std::vector<std::int32_t> order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), rng_);
    return add(OpKind::transpose, {x, ints("order", {rank}, order)}, {}, !chance(8));
  }

  // With another tensor of the same shape, or one value per channel.
  TensorId binary(TensorId x) {
    const OpKind kinds[] = {OpKind::add, OpKind::add, OpKind::sub, OpKind::mul};
    std::vector<TensorId> others;
    for (const TensorId id : made_) {
      if (tensor(id).shape == tensor(x).shape) others.push_back(id);
    }
    TensorId other = others[static_cast<std::size_t>(pick(0, static_cast<int>(others.size()) - 1))];
    if (chance(3)) {
      const std::int64_t channels = tensor(x).shape.back();
      other = b_.constant(fresh("c"), DType::s8, {channels}, values(channels), {{scale()}, {zero_point()}, 0});
    }
    return add(kinds[pick(0, 3)], {x, other}, {{"activation", activation()}}, chance(3));
  }

  TensorId unary(TensorId x) {
    const OpKind kinds[] = {OpKind::relu,       OpKind::relu, OpKind::relu6,    OpKind::relu6, OpKind::leaky_relu,
                            OpKind::hard_swish, OpKind::elu,  OpKind::logistic, OpKind::tanh,  OpKind::softmax};
    const OpKind kind = kinds[pick(0, 9)];
    if (kind == OpKind::logistic || kind == OpKind::softmax)
      return add(kind, {x}, {}, Quant{{1.0F / 256.0F}, {-128}, 0});
    if (kind == OpKind::tanh) return add(kind, {x}, {}, Quant{{1.0F / 128.0F}, {0}, 0});
    return add(kind, {x}, {}, !chance(4));
  }

  // To a shape of the same size: split anywhere, flat, or unchanged.
  TensorId reshape(TensorId x) {
    const std::int64_t count = elements(tensor(x).shape);
    Shape shape = {1};
    if (chance(3)) {
      shape = tensor(x).shape;
    } else if (chance(2)) {
      shape.push_back(count);
    } else {
      std::int64_t rest = count;
      for (int i = 0; i < 2; ++i) {
        std::int64_t d = pick(1, 8);
        while (rest % d != 0) --d;
        shape.push_back(d);
        rest /= d;
      }
      shape.push_back(rest);
    }
    if (chance(2)) return add(OpKind::reshape, {x}, {{"new_shape", shape}}, !chance(8));
    const auto dimensions = static_cast<std::int64_t>(shape.size());
    return add(OpKind::reshape, {x, ints("shape", {dimensions}, {shape.begin(), shape.end()})}, {}, !chance(8));
  }

  bool step(TensorId x) {
    switch (pick(0, 14)) {
      case 0:
      case 1: return conv(x, window()) != kNoTensor;
      case 2: return depthwise(x, window()) != kNoTensor;
      case 3: return dense(x) != kNoTensor;
      case 4: return pool(x) != kNoTensor;
      case 5: {  // what converters put in front of a dense layer, and now and then one after the other
        const TensorId flat = reshape(x);
        return flat != kNoTensor && (chance(2) ? dense(flat) : reshape(flat)) != kNoTensor;
      }
      case 6: return reshape(x) != kNoTensor;
      case 7: return binary(x) != kNoTensor;
      case 8:
      case 9: return pad(x);
      case 10: return transpose(x) != kNoTensor;
      case 11: return add(OpKind::quantize, {x}, {}, chance(2)) != kNoTensor;
      default: return unary(x) != kNoTensor;
    }
  }

  std::mt19937 rng_;
  GraphBuilder b_;
  std::vector<TensorId> made_;  // what a step may read
};

}  // namespace mote::testing
