// Operators with weights: constants are brought into mote's layout here, so that nothing is moved at run time.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "host/import/onnx_importer.h"
#include "host/ir/verify.h"

namespace mote::onnx {
namespace {

constexpr std::int64_t kMaxStep = 1 << 15;
constexpr std::int64_t kMaxGroups = 1 << 10;

std::vector<float> reals_of(const Constant& c) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < c.count(); ++i) out.push_back(static_cast<float>(c.real(i)));
  return out;
}

template <class T>
Constant constant_from(DType type, const Shape& shape, const std::vector<T>& values) {
  Constant c;
  c.type = type;
  c.shape = shape;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  c.data.assign(bytes, bytes + values.size() * sizeof(T));
  return c;
}

// Rows [first, first + count) of the first dimension.
Constant rows_of(const Constant& in, std::int64_t first, std::int64_t count) {
  Constant out;
  out.type = in.type;
  out.shape = in.shape;
  out.shape[0] = count;
  const auto row = static_cast<std::ptrdiff_t>(static_cast<std::int64_t>(in.data.size()) / in.shape[0]);
  out.data.assign(in.data.begin() + first * row, in.data.begin() + (first + count) * row);
  return out;
}

Quant rows_of(const Quant& in, std::int64_t first, std::int64_t count) {
  if (!in.per_channel()) return in;
  Quant out = in;
  out.scale.assign(in.scale.begin() + first, in.scale.begin() + first + count);
  out.zero_point.assign(in.zero_point.begin() + first, in.zero_point.begin() + first + count);
  return out;
}

Error not_constant(std::string_view what) {
  return Error{fmt::format("{} are computed while the model runs", what), "",
               "export the model with constant weights (constant folding on)"};
}

}  // namespace

// Attributes strides, dilations, pads, auto_pad and ceil_mode, which convolutions and pools share.
Result<Window2d> Importer::window(const Call& call, const Shape& in, const Shape& kernel) const {
  const std::size_t n = kernel.size();
  const auto list = [&](std::string_view name, std::size_t count, std::int64_t fallback, std::int64_t least,
                        std::vector<std::int64_t>& out) -> Status {
    out = call.integers(name);
    if (out.empty()) out.assign(count, fallback);
    const auto bad = [&](std::int64_t v) { return v < least || v > kMaxStep; };
    if (out.size() == count && std::none_of(out.begin(), out.end(), bad)) return {};
    return Error{fmt::format("{} should be {} numbers in {}..{}", name, count, least, kMaxStep), "", ""};
  };
  std::vector<std::int64_t> strides, dilations, pads;
  MOTE_TRY(list("strides", n, 1, 1, strides));
  MOTE_TRY(list("dilations", n, 1, 1, dilations));
  MOTE_TRY(list("pads", 2 * n, 0, 0, pads));
  for (const std::int64_t k : kernel) {
    if (k < 1 || k > kMaxStep) return Error{fmt::format("a kernel size of {} is outside 1..{}", k, kMaxStep), "", ""};
  }
  const std::string automatic = call.text("auto_pad", "NOTSET");
  const bool ceil = call.integer("ceil_mode", 0) != 0;
  Window2d out;
  bool same = true;
  for (std::size_t d = 0; d < n; ++d) {
    const std::int64_t extent = (kernel[d] - 1) * dilations[d] + 1;
    const std::int64_t same_out = (in[d] + strides[d] - 1) / strides[d];
    const std::int64_t same_pad = std::max<std::int64_t>(0, (same_out - 1) * strides[d] + extent - in[d]);
    std::int64_t& before = pads[d];
    std::int64_t& after = pads[n + d];
    if (automatic == "VALID") {
      before = after = 0;
    } else if (automatic == "SAME_UPPER") {
      before = same_pad / 2;
      after = same_pad - before;
    } else if (automatic == "SAME_LOWER") {
      after = same_pad / 2;
      before = same_pad - after;
    } else if (automatic != "NOTSET") {
      return Error{"has an unknown auto_pad", "", "use NOTSET, VALID, SAME_UPPER or SAME_LOWER"};
    }
    const std::int64_t room = in[d] + before + after - extent;
    if (room < 0) return Error{fmt::format("a window of {} does not fit {} elements", extent, in[d]), "", ""};
    if (ceil && room % strides[d] != 0) {
      // One more window, unless it would begin in the padding behind.
      const std::int64_t more = strides[d] - room % strides[d];
      if ((room / strides[d] + 1) * strides[d] < in[d] + before) after += more;
    }
    const std::int64_t windows = (in[d] + before + after - extent) / strides[d] + 1;
    same = same && windows == same_out && before == same_pad / 2;
  }
  out.padded = std::any_of(pads.begin(), pads.end(), [](std::int64_t p) { return p != 0; });
  const bool two = n == 2;
  out.pads = two ? std::vector<std::int64_t>{pads[0], pads[2], pads[1], pads[3]}
                 : std::vector<std::int64_t>{0, 0, pads[0], pads[1]};
  out.attributes = {{"stride_h", two ? strides[0] : std::int64_t{1}},
                    {"stride_w", strides.back()},
                    {"dilation_h", two ? dilations[0] : std::int64_t{1}},
                    {"dilation_w", dilations.back()}};
  if (!out.padded || same) {
    out.attributes.emplace_back("padding", std::string(out.padded ? "same" : "valid"));
  } else {
    out.attributes.emplace_back("padding", std::string("explicit"));
    out.attributes.emplace_back("pads", out.pads);
  }
  return out;
}

// An int32 bias (int64 beside int16 activations) in units of input scale times weight scale; f32 where `in` is f32.
Result<TensorId> Importer::bias_tensor(const Value& bias, const QuantSpec& in, const Quant& weights,
                                       std::int64_t channels, float beta) {
  if (!bias.known()) return not_constant("its biases");
  const std::int64_t count = bias.constant->count();
  if (count != channels && count != 1) {
    return Error{fmt::format("bias {} should have {} elements", text_of(bias.shape), channels), "", ""};
  }
  MOTE_TRY(charge(channels));
  const auto at = [count](std::int64_t c) { return count == 1 ? std::int64_t{0} : c; };
  if (in.type == DType::f32) {
    MOTE_LET(real, as_real(bias));
    std::vector<float> values;
    for (std::int64_t c = 0; c < channels; ++c) values.push_back(beta * static_cast<float>(real.constant->real(at(c))));
    return add_constant(fresh("/bias"), constant_from(DType::f32, {channels}, values));
  }
  Quant quant;
  const bool many = weights.per_channel();
  std::vector<std::int64_t> values;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto w = static_cast<std::size_t>(many ? c : 0);
    const double unit = static_cast<double>(in.quant.scale.at(0)) * static_cast<double>(weights.scale.at(w));
    double value = 0;
    if (bias.real && bias.constant->type != DType::f32) {
      const std::size_t b = bias.spec.quant.per_channel() ? static_cast<std::size_t>(at(c)) : 0;
      const double own = static_cast<double>(bias.spec.quant.scale.at(b));
      const auto integer = static_cast<double>(bias.constant->integer(at(c)) - bias.spec.quant.zero_point.at(b)) *
                           static_cast<double>(beta);
      // Exporters round the product of the scales to float: within that, the integers are meant.
      value = std::abs(own - unit) <= 1e-6 * unit ? integer : integer * own / unit;
    } else if (bias.constant->type == DType::f32) {
      value = bias.constant->real(at(c)) * static_cast<double>(beta) / unit;
    } else {
      return Error{"has a bias of integers without a scale", "", "export the model again"};
    }
    const double limit = in.type == DType::s16 ? 1e15 : 2147483647.0;
    if (!(std::abs(value) <= limit)) {
      return Error{fmt::format("bias {} is {} units of input scale times weight scale, beyond 32 bits", c, value), "",
                   "calibrate the model again; the scales are too small for its biases"};
    }
    values.push_back(static_cast<std::int64_t>(std::nearbyint(value)));
    if (many || c == 0) {
      quant.scale.push_back(static_cast<float>(unit));
      quant.zero_point.push_back(0);
    }
  }
  // A product of scales below float's range is not stated; nothing computes with it.
  if (std::any_of(quant.scale.begin(), quant.scale.end(), [](float s) { return !std::isnormal(s); })) quant = {};
  if (in.type == DType::s16) return add_constant(fresh("/bias"), constant_from(DType::s64, {channels}, values), quant);
  std::vector<std::int32_t> narrow;
  for (const std::int64_t v : values) narrow.push_back(static_cast<std::int32_t>(v));
  return add_constant(fresh("/bias"), constant_from(DType::s32, {channels}, narrow), quant);
}

Result<Importer::Values> Importer::conv(Call& call) {
  if (!call.has(0) || !call.has(1)) return Error{"lacks its input or weights", "", ""};
  Value x = call.in[0];
  Value w = call.in[1];
  const std::size_t rank = x.shape.size();
  if (rank != w.shape.size() || rank < 3 || rank > 4) {
    return Error{fmt::format("input {} with weights {} is no convolution over 1 or 2 dimensions", text_of(x.shape),
                             text_of(w.shape)),
                 "", "3-D convolutions are not supported"};
  }
  if (!w.known()) return not_constant("its weights");
  const Target target = target_of(call, true);
  const bool integers = is_quantized(x) && is_quantized(w) && target.spec.has_value();
  if (!integers) {
    MOTE_LET(real_x, as_real(std::move(x)));
    MOTE_LET(real_w, as_real(std::move(w)));
    x = std::move(real_x);
    w = std::move(real_w);
  }
  const std::int64_t channels = x.shape[1];
  const std::int64_t outputs = w.shape[0];
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1 || channels % groups != 0 || outputs % groups != 0 || w.shape[1] != channels / groups) {
    return Error{
        fmt::format("weights {} in {} groups do not fit the input {}", text_of(w.shape), groups, text_of(x.shape)), "",
        "export the model again"};
  }
  if (w.spec.quant.per_channel() && w.spec.quant.axis != 0) {
    return Error{"has weight scales along another axis than the output channels", "", "quantise along axis 0"};
  }
  // One dimension is a picture of height 1.
  MOTE_LET(id, in_order(x, channels_last_order(rank)));
  Constant weights = *w.constant;
  const bool flat = rank == 3;
  if (flat) {
    MOTE_LET(picture, reshape_tensor(id, {x.shape[0], 1, x.shape[2], channels}));
    id = picture;
    weights.shape = {outputs, w.shape[1], 1, w.shape[2]};
  }
  MOTE_LET(place, window(call, Shape(x.shape.begin() + 2, x.shape.end()), Shape(w.shape.begin() + 2, w.shape.end())));
  place.attributes.emplace_back("activation", integers ? target.activation : std::string("none"));

  QuantSpec in;
  in.type = graph_.tensor(id).type;
  in.quant = graph_.tensor(id).quant;
  const QuantSpec real = {DType::f32, false, {}};
  const QuantSpec& out = integers ? *target.spec : real;
  MOTE_TRY(charge(weights.count()));
  const auto part = [&](TensorId from, std::int64_t first, std::int64_t count, bool depthwise) -> Result<TensorId> {
    Quant quant = rows_of(w.spec.quant, first, count);
    if (!integers) quant = {};
    const Constant rows = count == outputs ? weights : rows_of(weights, first, count);
    if (depthwise && quant.per_channel()) quant.axis = 3;
    std::vector<TensorId> operands = {
        from,
        add_constant(fresh("/weights"), permuted(rows, depthwise ? Order{1, 2, 3, 0} : Order{0, 2, 3, 1}), quant)};
    if (call.has(2)) {
      Value bias = call.in[2];
      if (bias.known() && bias.constant->count() != outputs) {
        return Error{fmt::format("bias {} should have {} elements", text_of(bias.shape), outputs), "", ""};
      }
      if (bias.known() && count != outputs) {
        bias.spec.quant = rows_of(bias.spec.quant, first, count);
        Constant flat_bias = *bias.constant;
        flat_bias.shape = {outputs};
        bias.constant = std::make_shared<const Constant>(rows_of(flat_bias, first, count));
      }
      MOTE_LET(b, bias_tensor(bias, in, quant, count, 1.0F));
      operands.push_back(b);
    }
    return emit(depthwise ? "depthwise_conv_2d" : "conv_2d", operands, &out, place.attributes);
  };
  TensorId y = kNoTensor;
  if (groups == 1) {
    MOTE_LET(made, part(id, 0, outputs, false));
    y = made;
  } else if (groups == channels) {
    MOTE_LET(made, part(id, 0, outputs, true));
    y = made;
  } else {
    if (groups > kMaxGroups) return Error{fmt::format("has {} groups", groups), "", "at most 1024 make sense"};
    std::vector<TensorId> parts;
    for (std::int64_t g = 0; g < groups; ++g) {
      const Shape& shape = graph_.tensor(id).shape;
      Shape begin(4, 0);
      Shape size = shape;
      begin[3] = g * (channels / groups);
      size[3] = channels / groups;
      const TensorId from = add_integers(fresh("/begin"), begin);
      const TensorId extent = add_integers(fresh("/size"), size);
      MOTE_LET(slice, emit("slice", {id, from, extent}, &in));
      MOTE_LET(made, part(slice, g * (outputs / groups), outputs / groups, false));
      parts.push_back(made);
    }
    MOTE_LET(joined, emit("concatenation", parts, &out, {{"axis", std::int64_t{3}}}));
    y = joined;
  }
  const Shape made = graph_.tensor(y).shape;
  Shape shape = {made[0], made[3], made[1], made[2]};
  if (flat) {
    shape = {made[0], made[3], made[2]};
    MOTE_LET(line, reshape_tensor(y, {made[0], made[2], made[3]}));
    y = line;
  }
  Value v = value_of(y, channels_last_order(rank), shape);
  v.real = integers;
  if (integers && target.activation != "none") v.activation = target.activation;
  return Values{v};
}

// y[..., n] = alpha * sum_k x[..., k] * w[n, k] + beta * bias[n]
Result<Value> Importer::dense(Call& call, Value x, Value w, const Value* bias, float alpha, float beta) {
  const Target target = target_of(call, true);
  bool integers = is_quantized(x) && is_quantized(w) && target.spec.has_value() && alpha > 0.0F && x.id != kNoTensor;
  // A bias for each row is an addition of its own, which needs real numbers here.
  const std::int64_t units = w.shape[0];
  const std::int64_t depth = w.shape[1];
  const bool fits =
      bias == nullptr || (bias->known() && (bias->constant->count() == 1 ||
                                            (bias->constant->count() == units && bias->shape.back() == units)));
  integers = integers && fits;
  if (x.shape.empty() || x.shape.back() != depth) {
    return Error{fmt::format("input {} does not fit weights of depth {}", text_of(x.shape), depth), "", ""};
  }
  if (!integers) {
    MOTE_LET(real_x, as_real(std::move(x)));
    MOTE_LET(real_w, as_real(std::move(w)));
    x = std::move(real_x);
    w = std::move(real_w);
  }
  if (w.spec.quant.per_channel() && integers && w.spec.quant.axis != 0) {
    return Error{"has weight scales along another axis than the output channels", "", "quantise per output channel"};
  }
  MOTE_TRY(charge(w.constant->count()));
  Constant weights = *w.constant;
  Quant quant = integers ? w.spec.quant : Quant();
  if (alpha != 1.0F && integers) {
    for (float& s : quant.scale) s *= alpha;
    if (std::any_of(quant.scale.begin(), quant.scale.end(), [](float s) { return !std::isnormal(s); })) {
      return Error{"has an alpha that leaves no scale", "", ""};
    }
  } else if (alpha != 1.0F) {
    std::vector<float> values = reals_of(weights);
    for (float& v : values) v *= alpha;
    weights = constant_from(DType::f32, weights.shape, values);
  }
  TensorId id = kNoTensor;
  bool keep = true;
  if (!x.known() && x.base != x.shape && x.shape.size() == 2 && x.base.size() > 1 && x.base[0] == x.shape[0] &&
      x.order[0] == 0) {
    // A flattened picture stays as it lies in memory; the weights are brought into its sequence.
    weights.shape = x.base;
    weights.shape[0] = units;
    weights = permuted(weights, x.order);
    weights.shape = {units, depth};
    MOTE_LET(rows, reshape_tensor(x.id, x.shape));
    id = rows;
  } else {
    MOTE_LET(plain, in_order(x, identity_order(x.shape.size())));
    id = plain;
  }
  if (x.shape.size() < 2) keep = false;
  QuantSpec in;
  in.type = graph_.tensor(id).type;
  in.quant = graph_.tensor(id).quant;
  const QuantSpec real = {DType::f32, false, {}};
  std::vector<TensorId> operands = {id, add_constant(fresh("/weights"), std::move(weights), quant)};
  if (bias != nullptr && fits) {
    MOTE_LET(b, bias_tensor(*bias, in, quant, units, beta));
    operands.push_back(b);
  }
  MOTE_LET(y, emit("fully_connected", operands, integers ? &*target.spec : &real,
                   {{"activation", integers ? target.activation : std::string("none")},
                    {"keep_num_dims", std::int64_t{keep}}}));
  Shape shape = x.shape;
  shape.back() = units;
  MOTE_LET(rows, reshape_tensor(y, shape));
  Value v = value_of(rows, identity_order(shape.size()), shape);
  v.real = integers;
  if (integers && target.activation != "none") v.activation = target.activation;
  if (bias != nullptr && !fits) {
    if (beta != 1.0F) return Error{"has a beta for biases that differ by row", "", "export the model again"};
    return apply_binary("add", std::move(v), *bias, {});
  }
  return v;
}

Result<Importer::Values> Importer::gemm(Call& call) {
  if (!call.has(0) || !call.has(1)) return Error{"lacks an operand", "", ""};
  Value x = call.in[0];
  Value w = call.in[1];
  if (x.shape.size() != 2 || w.shape.size() != 2) {
    return Error{fmt::format("{} times {}: both need 2 dimensions", text_of(x.shape), text_of(w.shape)), "", ""};
  }
  if (!w.known()) return not_constant("its weights");
  if (call.integer("transA", 0) != 0) {
    MOTE_LET(turned, transposed(x, {1, 0}));
    x = std::move(turned);
  }
  if (call.integer("transB", 0) == 0) {
    MOTE_LET(turned, transposed(w, {1, 0}));
    w = std::move(turned);
  }
  MOTE_LET(y, dense(call, std::move(x), std::move(w), call.has(2) ? &call.in[2] : nullptr, call.real("alpha", 1.0F),
                    call.real("beta", 1.0F)));
  return Values{y};
}

Result<Importer::Values> Importer::matmul(Call& call) {
  if (!call.has(0) || !call.has(1)) return Error{"lacks an operand", "", ""};
  Value a = call.in[0];
  Value b = call.in[1];
  if (b.known() && b.shape.size() == 2) {
    MOTE_LET(w, transposed(b, {1, 0}));
    MOTE_LET(y, dense(call, std::move(a), std::move(w), nullptr, 1.0F, 1.0F));
    return Values{y};
  }
  if (a.known() && a.shape.size() == 2 && b.shape.size() == 2) {
    MOTE_LET(x, transposed(b, {1, 0}));
    MOTE_LET(y, dense(call, std::move(x), std::move(a), nullptr, 1.0F, 1.0F));
    MOTE_LET(turned, transposed(y, {1, 0}));
    return Values{turned};
  }
  MOTE_LET(real_a, as_real(std::move(a)));
  MOTE_LET(real_b, as_real(std::move(b)));
  MOTE_LET(left, in_order(real_a, identity_order(real_a.shape.size())));
  MOTE_LET(right, in_order(real_b, identity_order(real_b.shape.size())));
  MOTE_LET(y, emit("batch_matmul", {left, right}, nullptr));
  const Shape shape = graph_.tensor(y).shape;
  return Values{value_of(y, identity_order(shape.size()), shape)};
}

// Into the convolution before it where nothing else reads that; else a product and a sum per channel.
Result<Importer::Values> Importer::batch_normalization(Call& call) {
  for (std::size_t i = 0; i < 5; ++i) {
    if (!call.has(i) || (i > 0 && !call.in[i].known())) return not_constant("its statistics");
  }
  if (call.integer("training_mode", 0) != 0) {
    return Error{"is in training mode", "", "export the model in evaluation mode"};
  }
  MOTE_LET(x, as_real(call.in[0]));
  if (x.known() || x.shape.size() < 2) return Error{fmt::format("normalises {}", text_of(x.shape)), "", ""};
  const std::int64_t channels = x.shape[1];
  std::vector<std::vector<float>> p;
  for (std::size_t i = 1; i < 5; ++i) {
    MOTE_LET(real, as_real(call.in[i]));
    if (real.constant->count() != channels) {
      return Error{fmt::format("statistics {} do not fit {} channels", text_of(real.shape), channels), "", ""};
    }
    p.push_back(reals_of(*real.constant));
  }
  const auto epsilon = static_cast<double>(call.real("epsilon", 1e-5F));
  std::vector<double> factor, offset;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    factor.push_back(static_cast<double>(p[0][c]) / std::sqrt(static_cast<double>(p[3][c]) + epsilon));
    offset.push_back(static_cast<double>(p[1][c]) - static_cast<double>(p[2][c]) * factor[c]);
    if (!std::isfinite(factor[c]) || !std::isfinite(offset[c])) {
      return Error{fmt::format("channel {} has a variance of {}", c, p[3][c]), "", "train or export the model again"};
    }
  }
  const std::string& name = call.node->inputs[0];
  const auto named = named_.find(x.id);
  const auto readers = readers_.find(name);
  const bool alone = named != named_.end() && named->second == name && !outputs_.contains(name) &&
                     readers != readers_.end() && readers->second.size() == 1 && x.base == x.shape;
  TensorId source = x.id;
  const Node* before = nullptr;
  while (alone && uses_[source] == 0) {
    const auto at = producer_.find(source);
    if (at == producer_.end()) break;
    const Node& node = graph_.nodes[at->second];
    if (name_of(node.kind) == "reshape" && uses_[node.inputs[0]] == 1) {
      source = node.inputs[0];
      uses_[source] = 0;  // looked through: its one reader is the reshape
      continue;
    }
    before = &node;
    break;
  }
  const std::string_view kind = before == nullptr ? std::string_view() : name_of(before->kind);
  const bool depthwise = kind == "depthwise_conv_2d";
  if (x.order.back() == 1 && (kind == "conv_2d" || depthwise || kind == "fully_connected") &&
      before->attrs.string("activation", "none") == "none" && graph_.tensor(before->inputs[1]).type == DType::f32 &&
      graph_.tensor(before->outputs[0]).shape.back() == channels) {
    const std::size_t position = producer_[source];
    Tensor& w = graph_.tensor(before->inputs[1]);
    const auto count = static_cast<std::size_t>(elements(w.shape));
    const std::size_t taps = count / static_cast<std::size_t>(channels);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t c = depthwise ? i % static_cast<std::size_t>(channels) : i / taps;
      float v = 0;
      std::memcpy(&v, &w.data[i * sizeof v], sizeof v);
      v = static_cast<float>(static_cast<double>(v) * factor[c]);
      std::memcpy(&w.data[i * sizeof v], &v, sizeof v);
    }
    std::vector<float> bias(static_cast<std::size_t>(channels), 0.0F);
    if (before->inputs.size() > 2)
      std::memcpy(bias.data(), graph_.tensor(before->inputs[2]).data.data(), bias.size() * 4);
    for (std::size_t c = 0; c < bias.size(); ++c) {
      bias[c] = static_cast<float>(static_cast<double>(bias[c]) * factor[c] + offset[c]);
    }
    const TensorId b = add_constant(fresh("/bias"), constant_from(DType::f32, {channels}, bias));
    graph_.nodes[position].inputs.resize(2);
    graph_.nodes[position].inputs.push_back(b);
    return Values{x};
  }
  Shape shape(x.shape.size(), 1);
  shape[1] = channels;
  const auto narrow = [](const std::vector<double>& in) { return std::vector<float>(in.begin(), in.end()); };
  MOTE_LET(scaled, apply_binary("mul", x, known(constant_from(DType::f32, shape, narrow(factor))), {}));
  MOTE_LET(moved, apply_binary("add", scaled, known(constant_from(DType::f32, shape, narrow(offset))), {}));
  return Values{moved};
}

}  // namespace mote::onnx
