// Operators without weights.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "host/import/onnx_importer.h"
#include "host/ir/verify.h"

namespace mote::onnx {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

QuantSpec fixed_spec(DType type, double scale, std::int32_t zero_point) {
  QuantSpec spec;
  spec.type = type;
  spec.quant = {{static_cast<float>(scale)}, {zero_point}, 0};
  return spec;
}

// Where an ONNX dimension lies in the tensor.
std::size_t place_of(const Order& order, std::size_t axis) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), axis) - order.begin());
}

Constant scalar(double value, std::size_t rank) {
  Constant c;
  c.shape = Shape(std::max<std::size_t>(rank, 1), 1);
  const auto real = static_cast<float>(value);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&real);
  c.data.assign(bytes, bytes + sizeof real);
  return c;
}

// The order without some dimensions, the others counted anew.
Order without(const Order& order, const std::vector<bool>& gone) {
  Order out;
  for (const std::size_t d : order) {
    if (gone[d]) continue;
    out.push_back(
        d - static_cast<std::size_t>(std::count(gone.begin(), gone.begin() + static_cast<std::ptrdiff_t>(d), true)));
  }
  return out;
}

}  // namespace

Error not_static(std::string_view what) {
  return Error{fmt::format("{} are computed while the model runs", what), "",
               "export the model with static shapes (constant folding on)"};
}

Result<Importer::Values> Importer::alias(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  if (call.node->outputs.size() > 1 && readers_.contains(call.node->outputs[1])) {
    return Error{"gives a mask that is read", "", "export the model in evaluation mode"};
  }
  return Values{call.in[0]};
}

Result<Value> Importer::apply_unary(Call& call, std::string_view op, const Attributes& attributes,
                                    const Target& target) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  Value x = call.in[0];
  if (x.known()) {
    const Value before = x;
    MOTE_LET(real, as_real(std::move(x)));
    MOTE_LET(id, in_order(real, identity_order(real.shape.size())));
    x = value_of(id, identity_order(before.shape.size()), before.shape);
  }
  const std::string activation = std::exchange(x.activation, {});
  const bool linear = op == "relu" || op == "leaky_relu" || op == "hard_swish" || op == "elu";
  const bool fixed = op == "logistic" || op == "tanh";
  const DType type = graph_.tensor(x.id).type;
  if (is_quantized(x) && op == "relu") {
    const Quant quant = graph_.tensor(x.id).quant;
    if (activation == "relu" || activation == "relu6" ||
        quant.zero_point.at(0) == (type == DType::s8 ? -128 : -32768)) {
      return x;
    }
    const QuantSpec same = {type, x.was_u8, quant};
    MOTE_LET(id, emit(op, {x.id}, target.spec ? &*target.spec : &same, attributes));
    x.id = id;
    return x;
  }
  if (is_quantized(x) && target.spec && target.spec->type == type && (linear || fixed)) {
    const bool s8 = type == DType::s8;
    const double unit = op == "logistic" ? (s8 ? 1.0 / 256 : 1.0 / 32768) : (s8 ? 1.0 / 128 : 1.0 / 32768);
    const QuantSpec own = fixed_spec(type, unit, op == "logistic" && s8 ? -128 : 0);
    MOTE_LET(id, emit(op, {x.id}, fixed ? &own : &*target.spec, attributes));
    x.id = id;
    return quantized(std::move(x), *target.spec);
  }
  MOTE_LET(real, as_real(std::move(x)));
  MOTE_LET(id, emit(op, {real.id}, nullptr, attributes));
  real.id = id;
  real.real = false;
  return real;
}

Result<Importer::Values> Importer::unary(Call& call) {
  static const std::map<std::string, std::string_view, std::less<>> kOps = {
      {"Relu", "relu"},        {"LeakyRelu", "leaky_relu"},
      {"Sigmoid", "logistic"}, {"Tanh", "tanh"},
      {"Elu", "elu"},          {"HardSwish", "hard_swish"},
      {"Sqrt", "sqrt"},        {"Exp", "exp"},
      {"Abs", "abs"},          {"Neg", "neg"},
      {"Floor", "floor"},      {"Ceil", "ceil"},
      {"Round", "round"},      {"Log", "log"},
      {"Sin", "sin"},          {"Cos", "cos"}};
  Attributes attributes;
  if (call.node->op == "LeakyRelu") attributes = {{"alpha", static_cast<double>(call.real("alpha", 0.01F))}};
  if (call.node->op == "Elu" && call.real("alpha", 1.0F) != 1.0F) {
    return Error{fmt::format("has alpha {}, only 1 is supported", call.real("alpha", 1.0F)), "", "train with alpha 1"};
  }
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  MOTE_LET(y, apply_unary(call, kOps.find(call.node->op)->second, attributes, target_of(call, false)));
  return Values{y};
}

Result<Importer::Values> Importer::clip(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const auto bound = [&](std::size_t i, const char* name, double none) -> Result<double> {
    if (opset_ < 11) return static_cast<double>(call.real(name, static_cast<float>(none)));
    if (!call.has(i)) return none;
    MOTE_LET(real, call.in[i].known() ? as_real(call.in[i]) : Result<Value>(not_static("its bounds")));
    if (real.constant->count() != 1) return Error{"has a bound that is no single number", "", ""};
    return real.constant->real(0);
  };
  MOTE_LET(low, bound(1, "min", -kInf));
  MOTE_LET(high, bound(2, "max", kInf));
  constexpr double kLargest = static_cast<double>(std::numeric_limits<float>::max());
  if (std::isnan(low) || std::isnan(high)) return Error{"has a bound that is not a number", "", ""};
  const bool below = low > -kLargest;
  const bool above = high < kLargest;
  Value x = call.in[0];
  if (!below && !above) return Values{x};
  if (x.activation == "relu6" && low == 0.0 && high == 6.0) {
    x.activation.clear();
    return Values{x};
  }
  if (low == 0.0 && (high == 6.0 || !above)) {
    // relu6 keeps the quantisation it finds.
    MOTE_LET(y, apply_unary(call, above ? "relu6" : "relu", {}, above ? Target() : target_of(call, false)));
    return Values{y};
  }
  Target keep;
  if (is_quantized(x) && !x.known()) keep.spec = spec_of(x);
  if (below) {
    MOTE_LET(y, apply_binary("maximum", x, known(scalar(low, 1)), keep));
    x = std::move(y);
  }
  if (above) {
    MOTE_LET(y, apply_binary("minimum", x, known(scalar(high, 1)), keep));
    x = std::move(y);
  }
  return Values{x};
}

// max(0, min(1, alpha * x + beta))
Result<Importer::Values> Importer::hard_sigmoid(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  MOTE_LET(x, as_real(call.in[0]));
  const auto alpha = static_cast<double>(call.real("alpha", 0.2F));
  const auto beta = static_cast<double>(call.real("beta", 0.5F));
  MOTE_LET(scaled, apply_binary("mul", x, known(scalar(alpha, 1)), {}));
  MOTE_LET(moved, apply_binary("add", scaled, known(scalar(beta, 1)), {}));
  MOTE_LET(above, apply_binary("maximum", moved, known(scalar(0.0, 1)), {}));
  MOTE_LET(y, apply_binary("minimum", above, known(scalar(1.0, 1)), {}));
  return Values{y};
}

Result<Value> Importer::apply_binary(std::string_view op, Value a, Value b, const Target& target) {
  const std::size_t rank = std::max({a.shape.size(), b.shape.size(), std::size_t{1}});
  const bool integers = is_quantized(a) && (is_quantized(b) || (b.known() && (op == "maximum" || op == "minimum"))) &&
                        target.spec.has_value() && !a.spec.quant.per_channel() && !b.spec.quant.per_channel();
  const bool has_integers =
      op == "add" || op == "sub" || op == "mul" || op == "prelu" || op == "maximum" || op == "minimum";
  const bool whole = integers && has_integers;
  if (whole && (op == "maximum" || op == "minimum")) {
    // They compare bytes: all three are quantised alike.
    MOTE_LET(qa, quantized(std::move(a), *target.spec));
    MOTE_LET(qb, quantized(std::move(b), *target.spec));
    a = std::move(qa);
    b = std::move(qb);
  } else if (!whole) {
    MOTE_LET(ra, as_real(std::move(a)));
    MOTE_LET(rb, as_real(std::move(b)));
    a = std::move(ra);
    b = std::move(rb);
  }
  for (Value* v : {&a, &b}) {
    MOTE_TRY(settle(*v));
    if (v->shape.size() < rank && v->known() && v->constant->count() == 1) {
      Constant c = *v->constant;
      c.shape = Shape(rank, 1);
      v->shape = v->base = c.shape;
      v->order = identity_order(rank);
      v->constant = std::make_shared<const Constant>(std::move(c));
    }
    if (v->shape.size() < rank) {
      Shape longer(rank - v->shape.size(), 1);
      longer.insert(longer.end(), v->shape.begin(), v->shape.end());
      MOTE_LET(same, reshaped(*v, longer));
      *v = std::move(same);
    }
  }
  Shape shape(rank, 1);
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t da = a.shape[d];
    const std::int64_t db = b.shape[d];
    if (da != db && da != 1 && db != 1) {
      return Error{fmt::format("{} and {} do not broadcast", text_of(a.shape), text_of(b.shape)), "", ""};
    }
    shape[d] = std::max(da, db);
  }
  const bool first = !a.known() && (b.known() || elements(a.shape) >= elements(b.shape));
  const Order order = first ? a.order : b.order;
  MOTE_LET(left, in_order(a, order));
  MOTE_LET(right, in_order(b, order));
  Attributes attributes;
  if (op == "add" || op == "sub" || op == "mul" || op == "div") {
    attributes = {{"activation", whole ? target.activation : std::string("none")}};
  }
  MOTE_LET(id, emit(op, {left, right}, whole ? &*target.spec : nullptr, attributes));
  Value v = value_of(id, order, shape);
  v.real = whole;
  if (whole && !attributes.empty() && target.activation != "none") v.activation = target.activation;
  return v;
}

Result<Importer::Values> Importer::binary(Call& call) {
  static const std::map<std::string, std::string_view, std::less<>> kOps = {
      {"Add", "add"},     {"Sub", "sub"},     {"Mul", "mul"},     {"Div", "div"},
      {"Max", "maximum"}, {"Min", "minimum"}, {"PRelu", "prelu"}, {"Pow", "pow"}};
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  if (!call.has(0)) return Error{"lacks an operand", "", ""};
  const std::string& name = call.node->op;
  if (call.in.size() == 1) return Values{call.in[0]};  // Max and Min of one
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    if (!call.has(i)) return Error{"lacks an operand", "", ""};
  }
  std::string_view op = kOps.find(name)->second;
  Value b = call.in[1];
  if ((name == "Div" || name == "Pow") && b.known()) {
    MOTE_LET(real, as_real(b));
    MOTE_TRY(charge(real.constant->count()));
    if (name == "Div") {
      Constant c = *real.constant;
      for (std::int64_t i = 0; i < c.count(); ++i) {
        const auto inverse = static_cast<float>(1.0 / c.real(i));
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&inverse), sizeof inverse, c.data.begin() + 4 * i);
      }
      b = known(std::move(c));
      op = "mul";
    } else if (real.constant->count() == 1 && real.constant->real(0) == 2.0) {
      b = call.in[0];
      op = "mul";
    } else if (real.constant->count() == 1 && real.constant->real(0) == 0.5) {
      MOTE_LET(y, apply_unary(call, "sqrt", {}, {}));
      return Values{y};
    }
  }
  // A sum behind a matrix product is the product's bias.
  if (name == "Add") {
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const Value& x = call.in[i];
      const Value& bias = call.in[1 - i];
      const auto at = x.known() ? producer_.end() : producer_.find(x.id);
      if (at == producer_.end() || !bias.known() || bias.constant->type != DType::f32 || bias.shape.empty()) continue;
      Node& before = graph_.nodes[at->second];
      const auto readers = readers_.find(call.node->inputs[i]);
      const auto named = named_.find(x.id);
      const bool alone = uses_[x.id] == 0 && readers != readers_.end() && readers->second.size() == 1 &&
                         !outputs_.contains(call.node->inputs[i]) && named != named_.end() &&
                         named->second == call.node->inputs[i];
      const std::int64_t units = graph_.tensor(x.id).shape.back();
      if (!alone || name_of(before.kind) != "fully_connected" || before.inputs.size() != 2 ||
          graph_.tensor(x.id).type != DType::f32 || bias.shape.size() > x.shape.size() || bias.shape.back() != units ||
          bias.constant->count() != units || x.base != x.shape || x.order != identity_order(x.shape.size())) {
        continue;
      }
      Constant c = *bias.constant;
      c.shape = {units};
      before.inputs.push_back(add_constant(fresh("/bias"), std::move(c)));
      return Values{x};
    }
  }
  const Target target = target_of(call, true);
  MOTE_LET(y, apply_binary(op, call.in[0], std::move(b), target));
  for (std::size_t i = 2; i < call.in.size(); ++i) {
    MOTE_LET(next, apply_binary(op, y, call.in[i], target));
    y = std::move(next);
  }
  return Values{y};
}

Result<Importer::Values> Importer::softmax(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  Value x = call.in[0];
  const std::size_t rank = x.shape.size();
  const bool flattens = opset_ < 13;
  MOTE_LET(axis, axis_of(call.integer("axis", flattens ? 1 : -1), rank));
  const Shape whole = x.shape;
  if (flattens && axis + 1 != rank) {
    Shape two = {1, 1};
    for (std::size_t d = 0; d < rank; ++d) two[d < axis ? 0 : 1] *= x.shape[d];
    MOTE_LET(flat, reshaped(x, two));
    x = std::move(flat);
    axis = 1;
  }
  const Target target = target_of(call, false);
  const bool integers = is_quantized(x) && !x.known() && target.spec && target.spec->type == spec_of(x).type;
  if (!integers) {
    MOTE_LET(real, as_real(std::move(x)));
    x = std::move(real);
  }
  if (x.known()) {
    MOTE_LET(id, in_order(x, identity_order(x.shape.size())));
    x = value_of(id, identity_order(x.shape.size()), x.shape);
  }
  MOTE_TRY(settle(x));
  // The axis lies last in memory, or is brought there.
  Order order = x.order;
  if (order.back() != axis) {
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(place_of(order, axis)));
    order.push_back(axis);
  }
  MOTE_LET(id, in_order(x, order));
  const bool s8 = integers && target.spec->type == DType::s8;
  const QuantSpec own = fixed_spec(s8 ? DType::s8 : DType::s16, s8 ? 1.0 / 256 : 1.0 / 32768, s8 ? -128 : 0);
  const std::string_view op = call.node->op == "LogSoftmax" ? "log_softmax" : "softmax";
  if (integers && op == "log_softmax") return Error{"has no quantised form here", "", "leave LogSoftmax in float"};
  MOTE_LET(made, emit(op, {id}, integers ? &own : nullptr, {{"beta", 1.0}}));
  Value y = value_of(made, order, x.shape);
  y.real = integers;
  if (integers) {
    MOTE_LET(q, quantized(std::move(y), *target.spec));
    y = std::move(q);
  }
  MOTE_LET(back, reshaped(y, whole));
  return Values{back};
}

Result<Value> Importer::apply_mean(Value x, const std::vector<std::size_t>& axes, bool keep, const Target& target) {
  const bool integers = is_quantized(x) && !x.known() && target.spec && target.spec->type == spec_of(x).type;
  if (!integers) {
    MOTE_LET(real, as_real(std::move(x)));
    x = std::move(real);
  }
  if (x.known()) {
    MOTE_LET(id, in_order(x, identity_order(x.shape.size())));
    x = value_of(id, identity_order(x.shape.size()), x.shape);
  }
  MOTE_TRY(settle(x));
  std::vector<bool> gone(x.shape.size(), false);
  std::vector<std::int64_t> places;
  for (const std::size_t a : axes) {
    if (gone[a]) return Error{fmt::format("names axis {} twice", a), "", ""};
    gone[a] = true;
    places.push_back(static_cast<std::int64_t>(place_of(x.order, a)));
  }
  std::sort(places.begin(), places.end());
  const TensorId list = add_integers(fresh("/axes"), places);
  MOTE_LET(id, emit("mean", {x.id, list}, integers ? &*target.spec : nullptr, {{"keep_dims", std::int64_t{keep}}}));
  Shape shape;
  for (std::size_t d = 0; d < gone.size(); ++d) {
    if (!gone[d] || keep) shape.push_back(gone[d] ? 1 : x.shape[d]);
  }
  Value y = value_of(id, keep ? x.order : without(x.order, gone), shape);
  y.real = integers;
  return y;
}

Result<Importer::Values> Importer::pool(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const std::string& name = call.node->op;
  if (call.node->outputs.size() > 1 && !call.node->outputs[1].empty()) {
    return Error{"also gives the positions of the maxima", "", "export the model without return_indices"};
  }
  Value x = call.in[0];
  const std::size_t rank = x.shape.size();
  if (rank < 3 || rank > 4) {
    return Error{fmt::format("pools {}; 1 or 2 dimensions are supported", text_of(x.shape)), "", ""};
  }
  const bool global = name.starts_with("Global");
  const bool average = name.ends_with("AveragePool");
  const Shape spatial(x.shape.begin() + 2, x.shape.end());
  const Shape kernel = global ? spatial : call.integers("kernel_shape");
  if (kernel.size() != spatial.size()) return Error{"has no kernel_shape that fits its input", "", ""};
  Window2d place;
  if (global) {
    place.attributes = {
        {"stride_h", std::int64_t{1}}, {"stride_w", std::int64_t{1}}, {"padding", std::string("valid")}};
  } else {
    MOTE_LET(made, window(call, spatial, kernel));
    place = std::move(made);
  }
  const Target target = target_of(call, false);
  bool integers =
      !x.known() && graph_.tensor(x.id).type != DType::f32 && (!average || (is_quantized(x) && target.spec));
  if (average && integers && target.spec->type != spec_of(x).type) integers = false;
  if (average && kernel == spatial && !place.padded) {
    std::vector<std::size_t> axes;
    for (std::size_t d = 2; d < rank; ++d) axes.push_back(d);
    // A pool keeps the scale; a mean can change it, rounding once.
    if (global || (integers && target.spec->quant != spec_of(x).quant)) {
      MOTE_LET(y, apply_mean(std::move(x), axes, true, target));
      return Values{y};
    }
  }
  if (!integers) {
    MOTE_LET(real, as_real(std::move(x)));
    x = std::move(real);
  }
  MOTE_LET(id, in_order(x, channels_last_order(rank)));
  const bool flat = rank == 3;
  if (flat) {
    MOTE_LET(picture, reshape_tensor(id, {x.shape[0], 1, x.shape[2], x.shape[1]}));
    id = picture;
  }
  QuantSpec same;
  same.type = graph_.tensor(id).type;
  same.quant = graph_.tensor(id).quant;
  if (average && place.padded && call.integer("count_include_pad", 0) != 0) {
    if (call.integer("ceil_mode", 0) != 0) {
      return Error{"counts its padding and rounds its size up", "", "export with ceil_mode 0 or count_include_pad 0"};
    }
    const TensorId amounts =
        add_integers(fresh("/pads"), {0, 0, place.pads[0], place.pads[1], place.pads[2], place.pads[3], 0, 0});
    Tensor& list = graph_.tensor(amounts);
    list.shape = {4, 2};
    MOTE_LET(padded, emit("pad", {id, amounts}, &same));
    id = padded;
    std::erase_if(place.attributes, [](const auto& a) { return a.first == "padding" || a.first == "pads"; });
    place.attributes.emplace_back("padding", std::string("valid"));
  }
  place.attributes.emplace_back("kernel_h", flat ? std::int64_t{1} : kernel[0]);
  place.attributes.emplace_back("kernel_w", kernel.back());
  place.attributes.emplace_back("activation", std::string("none"));
  MOTE_LET(y, emit(average ? "average_pool_2d" : "max_pool_2d", {id}, &same, place.attributes));
  const Shape made = graph_.tensor(y).shape;
  Shape shape = {made[0], made[3], made[1], made[2]};
  if (flat) {
    shape = {made[0], made[3], made[2]};
    MOTE_LET(line, reshape_tensor(y, {made[0], made[2], made[3]}));
    y = line;
  }
  Value v = value_of(y, channels_last_order(rank), shape);
  v.real = x.real && integers;
  v.was_u8 = x.was_u8;
  if (average && integers) {
    MOTE_LET(q, quantized(std::move(v), *target.spec));
    v = std::move(q);
  }
  return Values{v};
}

Result<Importer::Values> Importer::reduce_mean(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  MOTE_LET(list, either(call, "axes", 1));
  const std::size_t rank = call.in[0].shape.size();
  std::vector<std::size_t> axes;
  if (!list || list->empty()) {
    if (call.integer("noop_with_empty_axes", 0) != 0) return Values{call.in[0]};
    for (std::size_t d = 0; d < rank; ++d) axes.push_back(d);
  } else {
    for (const std::int64_t a : *list) {
      MOTE_LET(axis, axis_of(a, rank));
      axes.push_back(axis);
    }
  }
  MOTE_LET(y, apply_mean(call.in[0], axes, call.integer("keepdims", 1) != 0, target_of(call, false)));
  return Values{y};
}

Result<Importer::Values> Importer::concat(Call& call) {
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  if (!call.has(0)) return Error{"lacks its inputs", "", ""};
  MOTE_LET(axis, axis_of(call.integer("axis", 0), call.in[0].shape.size()));
  const Target target = target_of(call, false);
  Order order;
  bool all_quantized = true;
  bool all_real = true;
  std::optional<QuantSpec> first;
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    if (!call.has(i)) return Error{"lacks an input", "", ""};
    Value& v = call.in[i];
    if (v.shape.size() != call.in[0].shape.size()) {
      return Error{fmt::format("{} cannot be joined to {}", text_of(v.shape), text_of(call.in[0].shape)), "", ""};
    }
    MOTE_TRY(settle(v));
    if (order.empty() && !v.known()) order = v.order;
    all_quantized = all_quantized && is_quantized(v);
    all_real = all_real && (v.real || (v.known() ? v.constant->type : graph_.tensor(v.id).type) == DType::f32);
    if (!first && is_quantized(v)) first = spec_of(v);
  }
  const std::optional<QuantSpec> spec = all_quantized ? (target.spec ? target.spec : first) : std::nullopt;
  const bool integers = spec && !spec->quant.per_channel() && spec->type != DType::s32;
  std::vector<TensorId> parts;
  QuantSpec same;
  for (Value& v : call.in) {
    if (integers) {
      MOTE_LET(q, quantized(std::move(v), *spec));
      v = std::move(q);
    } else if (all_real) {
      MOTE_LET(real, as_real(std::move(v)));
      v = std::move(real);
    }
    MOTE_LET(id, in_order(v, order));
    if (parts.empty()) same = {graph_.tensor(id).type, v.was_u8, graph_.tensor(id).quant};
    parts.push_back(id);
  }
  MOTE_LET(id, emit("concatenation", parts, &same, {{"axis", static_cast<std::int64_t>(place_of(order, axis))}}));
  const Shape& made = graph_.tensor(id).shape;
  Shape shape(made.size());
  for (std::size_t k = 0; k < made.size(); ++k) shape[order[k]] = made[k];
  Value y = value_of(id, order, shape);
  y.real = integers;
  y.was_u8 = same.was_u8;
  return Values{y};
}

Result<Value> Importer::apply_window(const Value& in, const Shape& begin, const Shape& extent, const Shape& step) {
  Value x = in;
  if (x.known()) return Error{"cuts a constant that is quantised per channel", "", "quantise after the cut"};
  MOTE_TRY(settle(x));
  const bool plain = std::all_of(step.begin(), step.end(), [](std::int64_t s) { return s == 1; });
  const Tensor& t = graph_.tensor(x.id);
  const QuantSpec same = {t.type, x.was_u8, t.quant};
  const Shape from = permuted(begin, x.order);
  const Shape size = permuted(extent, x.order);
  const Shape stride = permuted(step, x.order);
  if (from == Shape(from.size(), 0) && size == t.shape && plain) return x;
  if (plain) {
    const TensorId b = add_integers(fresh("/begin"), from);
    const TensorId s = add_integers(fresh("/size"), size);
    MOTE_LET(id, emit("slice", {x.id, b, s}, &same));
    x.id = id;
  } else {
    Shape end;
    std::int64_t end_mask = 0;
    for (std::size_t d = 0; d < from.size(); ++d) {
      std::int64_t last = from[d] + (size[d] - 1) * stride[d] + (stride[d] > 0 ? 1 : -1);
      if (last < 0) {
        end_mask |= std::int64_t{1} << d;
        last = 0;
      }
      end.push_back(last);
    }
    const TensorId b = add_integers(fresh("/begin"), from);
    const TensorId e = add_integers(fresh("/end"), end);
    const TensorId s = add_integers(fresh("/strides"), stride);
    MOTE_LET(id, emit("strided_slice", {x.id, b, e, s}, &same, {{"end_mask", end_mask}}));
    x.id = id;
  }
  x.shape = x.base = extent;
  x.activation.clear();
  return x;
}

Result<Importer::Values> Importer::split(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const Value& x = call.in[0];
  MOTE_LET(axis, axis_of(call.integer("axis", 0), x.shape.size()));
  MOTE_LET(stated, either(call, "split", 1));
  const auto outputs = static_cast<std::int64_t>(call.node->outputs.size());
  std::vector<std::int64_t> sizes = stated.value_or(std::vector<std::int64_t>());
  if (sizes.empty() && outputs > 0) {
    const std::int64_t each = (x.shape[axis] + outputs - 1) / outputs;
    for (std::int64_t i = 0, left = x.shape[axis]; i < outputs; ++i, left -= each)
      sizes.push_back(std::min(each, left));
  }
  if (static_cast<std::int64_t>(sizes.size()) != outputs) {
    return Error{fmt::format("has {} sizes for {} outputs", sizes.size(), outputs), "", ""};
  }
  Values out;
  Shape begin(x.shape.size(), 0);
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > x.shape[axis] - begin[axis]) {
      return Error{fmt::format("a part of {} leaves axis {} of {}", size, axis, text_of(x.shape)), "", ""};
    }
    Shape extent = x.shape;
    extent[axis] = size;
    MOTE_LET(part, apply_window(x, begin, extent, Shape(x.shape.size(), 1)));
    out.push_back(std::move(part));
    begin[axis] += size;
  }
  return out;
}

Result<Importer::Values> Importer::slice(Call& call) {
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const Value& x = call.in[0];
  const std::size_t rank = x.shape.size();
  MOTE_LET(starts, either(call, "starts", 1));
  MOTE_LET(ends, either(call, "ends", 2));
  MOTE_LET(axes, either(call, "axes", 3));
  MOTE_LET(steps, either(call, "steps", 4));
  if (!starts || !ends || starts->size() != ends->size() || starts->size() > rank ||
      (axes && axes->size() != starts->size()) || (steps && steps->size() != starts->size())) {
    return Error{"has starts, ends, axes and steps that do not fit each other", "", ""};
  }
  Shape begin(rank, 0);
  Shape extent = x.shape;
  Shape step(rank, 1);
  for (std::size_t i = 0; i < starts->size(); ++i) {
    MOTE_LET(axis, axis_of(axes ? (*axes)[i] : static_cast<std::int64_t>(i), rank));
    const std::int64_t size = x.shape[axis];
    const std::int64_t by = steps ? (*steps)[i] : 1;
    if (by == 0 || by < -kMaxElements || by > kMaxElements) return Error{fmt::format("has the step {}", by), "", ""};
    const auto position = [&](std::int64_t p) {
      p = std::clamp<std::int64_t>(p, -size - 1, size);
      return std::clamp<std::int64_t>(p < 0 ? p + size : p, by > 0 ? 0 : -1, by > 0 ? size : size - 1);
    };
    const std::int64_t first = position((*starts)[i]);
    const std::int64_t last = position((*ends)[i]);
    const std::int64_t distance = by > 0 ? last - first : first - last;
    const std::int64_t stride = by > 0 ? by : -by;
    begin[axis] = first;
    extent[axis] = distance < 1 ? 0 : (distance + stride - 1) / stride;
    step[axis] = extent[axis] == 1 ? 1 : by;
    if (extent[axis] < 1) return Error{fmt::format("takes nothing of axis {} of {}", axis, text_of(x.shape)), "", ""};
  }
  MOTE_LET(y, apply_window(x, begin, extent, step));
  return Values{y};
}

Result<Importer::Values> Importer::pad(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  Value x = call.in[0];
  const std::string mode = call.text("mode", "constant");
  if (mode != "constant") return Error{"pads with values other than a constant", "", "pad with constants"};
  const std::size_t rank = x.shape.size();
  MOTE_LET(amounts, either(call, "pads", 1));
  MOTE_LET(axes, call.has(3) ? either(call, "", 3) : Result<std::optional<std::vector<std::int64_t>>>(std::nullopt));
  const std::size_t count = axes ? axes->size() : rank;
  if (!amounts || amounts->size() != 2 * count) return Error{"has not two amounts for each axis", "", ""};
  std::vector<std::int64_t> before(rank, 0), after(rank, 0);
  for (std::size_t i = 0; i < count; ++i) {
    MOTE_LET(axis, axis_of(axes ? (*axes)[i] : static_cast<std::int64_t>(i), rank));
    before[axis] = (*amounts)[i];
    after[axis] = (*amounts)[count + i];
  }
  double value = opset_ < 11 ? static_cast<double>(call.real("value", 0.0F)) : 0.0;
  if (call.has(2)) {
    MOTE_LET(real, call.in[2].known() ? as_real(call.in[2]) : Result<Value>(not_static("the values put in")));
    if (real.constant->count() != 1) return Error{"puts in more than one value", "", ""};
    value = real.constant->real(0);
  }
  const bool none = before == std::vector<std::int64_t>(rank, 0) && after == before;
  if (none) return Values{x};
  if (x.known()) {
    MOTE_LET(real, as_real(std::move(x)));
    MOTE_LET(id, in_order(real, identity_order(rank)));
    x = value_of(id, identity_order(rank), real.shape);
  }
  MOTE_TRY(settle(x));
  if (is_quantized(x) && value != 0.0) {
    MOTE_LET(real, as_real(std::move(x)));
    x = std::move(real);
  }
  std::vector<std::int64_t> pairs;
  Shape shape = x.shape;
  for (const std::size_t d : x.order) {
    if (before[d] < 0 || after[d] < 0 || before[d] > kMaxElements || after[d] > kMaxElements) {
      return Error{fmt::format("pads axis {} by {} and {}", d, before[d], after[d]), "", "amounts are 0 or above"};
    }
    pairs.push_back(before[d]);
    pairs.push_back(after[d]);
    shape[d] += before[d] + after[d];
  }
  const TensorId list = add_integers(fresh("/pads"), pairs);
  graph_.tensor(list).shape = {static_cast<std::int64_t>(rank), 2};
  const Tensor& t = graph_.tensor(x.id);
  const QuantSpec same = {t.type, x.was_u8, t.quant};
  std::vector<TensorId> operands = {x.id, list};
  if (value != 0.0) operands.push_back(add_constant(fresh("/value"), scalar(value, 1)));
  MOTE_LET(id, emit(value == 0.0 ? "pad" : "pad_v2", operands, &same));
  x.id = id;
  x.shape = x.base = shape;
  x.activation.clear();
  return Values{x};
}

Result<Importer::Values> Importer::reshape(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const Value& x = call.in[0];
  const std::string& name = call.node->op;
  const std::size_t rank = x.shape.size();
  const std::int64_t count = elements(x.shape);
  Shape shape;
  if (name == "Flatten") {
    std::int64_t axis = call.integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(rank);
    if (axis < 0 || axis > static_cast<std::int64_t>(rank)) return Error{fmt::format("has the axis {}", axis), "", ""};
    shape = {1, 1};
    for (std::size_t d = 0; d < rank; ++d) shape[d < static_cast<std::size_t>(axis) ? 0 : 1] *= x.shape[d];
  } else if (name == "Squeeze" || name == "Unsqueeze") {
    MOTE_LET(axes, either(call, "axes", 1));
    const bool more = name == "Unsqueeze";
    if (more && !axes) return Error{"has no axes", "", ""};
    if (axes && axes->size() > kMaxRank) return Error{fmt::format("names {} axes", axes->size()), "", ""};
    std::vector<bool> named(more ? rank + axes->size() : rank, false);
    for (const std::int64_t a : axes.value_or(std::vector<std::int64_t>())) {
      MOTE_LET(axis, axis_of(a, named.size()));
      if (named[axis] || (!more && x.shape[axis] != 1)) {
        return Error{fmt::format("axis {} of {} cannot be {}", a, text_of(x.shape), more ? "added" : "removed"), "",
                     ""};
      }
      named[axis] = true;
    }
    for (std::size_t d = 0, from = 0; d < named.size(); ++d) {
      if (more) {
        shape.push_back(named[d] ? 1 : x.shape[from++]);
      } else if (axes ? !named[d] : x.shape[d] != 1) {
        shape.push_back(x.shape[d]);
      }
    }
  } else {
    MOTE_LET(wanted, integers_of(call, 1, "shape"));
    if (wanted.size() > kMaxRank) {
      return Error{fmt::format("has {} dimensions, at most {} are supported", wanted.size(), kMaxRank), "", ""};
    }
    shape = wanted;
    std::int64_t known_count = 1;
    std::int64_t* open = nullptr;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] == 0 && call.integer("allowzero", 0) == 0 && d < rank) shape[d] = x.shape[d];
      if (shape[d] == -1 && open == nullptr) {
        open = &shape[d];
      } else if (shape[d] < 1 || shape[d] > count / known_count) {
        return Error{fmt::format("{} does not reshape to {}", text_of(x.shape), text_of(wanted)), "",
                     "export the model with batch 1 and static shapes"};
      } else {
        known_count *= shape[d];
      }
    }
    if (open != nullptr) *open = count / known_count;
  }
  MOTE_TRY(check_shape(shape));
  if (elements(shape) != count) {
    return Error{fmt::format("{} does not reshape to {}", text_of(x.shape), text_of(shape)), "",
                 "export the model with batch 1 and static shapes"};
  }
  MOTE_LET(y, reshaped(x, shape));
  return Values{y};
}

Result<Importer::Values> Importer::transpose(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const std::size_t rank = call.in[0].shape.size();
  Order permutation = identity_order(rank);
  std::reverse(permutation.begin(), permutation.end());
  const std::vector<std::int64_t> stated = call.integers("perm");
  if (!stated.empty()) {
    std::vector<bool> used(rank, false);
    permutation.clear();
    for (const std::int64_t p : stated) {
      MOTE_LET(axis, axis_of(p, rank));
      if (used[axis]) return Error{fmt::format("permutation names axis {} twice", p), "", ""};
      used[axis] = true;
      permutation.push_back(axis);
    }
    if (permutation.size() != rank) return Error{"permutation does not name every axis", "", ""};
  }
  MOTE_LET(y, transposed(call.in[0], permutation));
  return Values{y};
}

Result<Importer::Values> Importer::gather(Call& call) {
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  if (!call.has(0) || !call.has(1)) return Error{"lacks an operand", "", ""};
  Value x = call.in[0];
  const std::size_t rank = x.shape.size();
  MOTE_LET(axis, axis_of(call.integer("axis", 0), rank));
  if (!call.in[1].known()) return not_static("its indices");
  MOTE_LET(indices, integers_of(call, 1, "indices"));
  for (std::int64_t& i : indices) {
    if (i < -x.shape[axis] || i >= x.shape[axis]) {
      return Error{fmt::format("index {} is outside axis {} of {}", i, axis, text_of(x.shape)), "", ""};
    }
    if (i < 0) i += x.shape[axis];
  }
  const Shape listed = call.in[1].shape;
  if (indices.size() == 1) {
    Shape begin(rank, 0);
    Shape extent = x.shape;
    begin[axis] = indices[0];
    extent[axis] = 1;
    MOTE_LET(one, apply_window(x, begin, extent, Shape(rank, 1)));
    Shape shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), listed.begin(), listed.end());
    shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
    MOTE_TRY(check_shape(shape));
    MOTE_LET(y, reshaped(one, shape));
    return Values{y};
  }
  if (x.known()) {
    const Value before = x;
    MOTE_LET(id, in_order(x, identity_order(rank)));
    x = value_of(id, identity_order(rank), x.shape);
    x.real = before.real;
  }
  MOTE_TRY(settle(x));
  const Order order = listed.size() == 1 ? x.order : identity_order(rank);
  MOTE_LET(id, in_order(x, order));
  const TensorId list = add_integers(fresh("/indices"), indices);
  graph_.tensor(list).shape = listed;
  const Tensor& t = graph_.tensor(id);
  const QuantSpec same = {t.type, x.was_u8, t.quant};
  MOTE_LET(made, emit("gather", {id, list}, &same, {{"axis", static_cast<std::int64_t>(place_of(order, axis))}}));
  const Shape& out = graph_.tensor(made).shape;
  Shape shape = out;
  if (listed.size() == 1) {
    for (std::size_t k = 0; k < out.size(); ++k) shape[order[k]] = out[k];
  }
  Value y = value_of(made, listed.size() == 1 ? order : identity_order(shape.size()), shape);
  y.real = x.real;
  y.was_u8 = x.was_u8;
  return Values{y};
}

Result<Importer::Values> Importer::arg_max(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  Value x = call.in[0];
  const std::size_t rank = x.shape.size();
  MOTE_LET(axis, axis_of(call.integer("axis", 0), rank));
  if (call.integer("select_last_index", 0) != 0)
    return Error{"selects the last of equal maxima", "", "select the first"};
  if (x.known()) return Error{"is computed of a constant", "", "export with constant folding on"};
  MOTE_TRY(settle(x));
  const TensorId list = add_integers(fresh("/axis"), {static_cast<std::int64_t>(place_of(x.order, axis))});
  MOTE_LET(id, emit("arg_max", {x.id, list}, nullptr, {}, DType::s32));
  std::vector<bool> gone(rank, false);
  gone[axis] = true;
  Shape shape = x.shape;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  const Value y = value_of(id, without(x.order, gone), shape);
  if (call.integer("keepdims", 1) == 0) return Values{y};
  Shape kept = x.shape;
  kept[axis] = 1;
  MOTE_LET(whole, reshaped(y, kept));
  return Values{whole};
}

}  // namespace mote::onnx
