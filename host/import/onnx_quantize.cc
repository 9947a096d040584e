// Real numbers and the integers that stand for them. DequantizeLinear costs nothing here: it only says that a tensor's
// integers are meant as real numbers; operators that find such operands and a QuantizeLinear ahead compute in integers.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "host/import/onnx_importer.h"

namespace mote::onnx {
namespace {

constexpr std::size_t kMaxLookahead = 8;  // operators between one that computes and its QuantizeLinear

std::pair<std::int64_t, std::int64_t> range_of(DType type) {
  switch (type) {
    case DType::s8: return {-128, 127};
    case DType::s16: return {-32768, 32767};
    default: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
}

template <class T>
void store(T value, std::int64_t i, std::vector<std::uint8_t>& out) {
  std::memcpy(&out[static_cast<std::size_t>(i) * sizeof value], &value, sizeof value);
}

// uint8 shifted to int8: the same real values with zero points 128 lower.
ConstantPtr shifted(const Constant& in) {
  Constant out = in;
  out.type = DType::s8;
  for (std::uint8_t& b : out.data) b = static_cast<std::uint8_t>(b ^ 0x80U);
  return std::make_shared<const Constant>(std::move(out));
}

// Which scale an element has: the index along the quantised axis.
struct Channels {
  Channels(const Shape& shape, const Quant& quant) {
    if (!quant.per_channel()) return;
    const auto axis = static_cast<std::size_t>(quant.axis);
    count = shape[axis];
    for (std::size_t d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  }
  [[nodiscard]] std::size_t of(std::int64_t element) const { return static_cast<std::size_t>(element / inner % count); }
  std::int64_t count = 1, inner = 1;
};

}  // namespace

QuantSpec Importer::spec_of(const Value& v) const {
  if (v.known()) return v.spec;
  const Tensor& t = graph_.tensor(v.id);
  return {t.type, v.was_u8, t.quant};
}

bool Importer::is_quantized(const Value& v) const {
  if (!v.real) return false;
  if (v.known()) return v.constant->type != DType::f32;
  return graph_.tensor(v.id).type != DType::f32;
}

Result<QuantSpec> Importer::spec_of(const Value& scale, const Value* zero_point, std::int64_t axis, DType fallback,
                                    const Shape& shape) const {
  const char* const fix = "export the model with constant scales and zero points, one or one per channel";
  if (!scale.known() || scale.constant->type != DType::f32 || (zero_point != nullptr && !zero_point->known())) {
    return Error{"has a scale or zero point that is not a known number", "", fix};
  }
  QuantSpec spec;
  const DType type = zero_point == nullptr ? fallback : zero_point->constant->type;
  spec.was_u8 = type == DType::u8;
  spec.type = spec.was_u8 ? DType::s8 : type;
  if (spec.type != DType::s8 && spec.type != DType::s16 && spec.type != DType::s32) {
    return Error{fmt::format("quantises to {}, which is not supported", name_of(type)), "", "quantise to int8"};
  }
  const std::int64_t count = scale.constant->count();
  const std::int64_t points = zero_point == nullptr ? count : zero_point->constant->count();
  if (points != count) return Error{fmt::format("has {} scales but {} zero points", count, points), "", fix};
  if (count > 1) {
    MOTE_LET(at, axis_of(axis, shape.size()));
    if (shape[at] != count || scale.constant->shape.size() != 1) {
      return Error{fmt::format("has {} scales for axis {} of {}", count, at, text_of(shape)), "", fix};
    }
    spec.quant.axis = static_cast<std::int32_t>(at);
  }
  if (count < 1) return Error{"has no scale", "", fix};
  const auto [low, high] = range_of(spec.type);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto s = static_cast<float>(scale.constant->real(i));
    const std::int64_t z =
        (zero_point == nullptr ? 0 : zero_point->constant->integer(i)) - (spec.was_u8 ? std::int64_t{128} : 0);
    if (!std::isnormal(s) || s < 0.0F || z < low || z > high) {
      return Error{fmt::format("has the scale {} and zero point {}", s, z), "",
                   "a scale is finite and above 1.2e-38; quantise the model again"};
    }
    spec.quant.scale.push_back(s);
    spec.quant.zero_point.push_back(static_cast<std::int32_t>(z));
  }
  return spec;
}

std::optional<QuantSpec> Importer::quantizer_spec(const NodeProto& node) const {
  if (node.op != "QuantizeLinear" || node.inputs.size() < 2) return std::nullopt;
  const auto find = [&](std::size_t i) {
    const auto at = i < node.inputs.size() ? values_.find(node.inputs[i]) : values_.end();
    return at == values_.end() ? nullptr : &at->second;
  };
  const Value* scale = find(1);
  if (scale == nullptr || (node.inputs.size() > 2 && !node.inputs[2].empty() && find(2) == nullptr))
    return std::nullopt;
  auto spec = spec_of(*scale, find(2), 0, DType::u8, {});
  if (!spec.ok() || spec.value().quant.per_channel() || spec.value().type == DType::s32) return std::nullopt;
  return std::move(spec).value();
}

Target Importer::target_of(const Call& call, bool activations) const {
  Target target;
  if (forced_) {
    target.spec = forced_;
    return target;
  }
  std::string name = call.output;
  for (std::size_t step = 0; step < kMaxLookahead; ++step) {
    const auto at = readers_.find(name);
    if (at == readers_.end() || outputs_.contains(name)) return {};
    std::optional<QuantSpec> spec;
    bool all = true;
    for (const NodeProto* reader : at->second) {
      const std::optional<QuantSpec> other = quantizer_spec(*reader);
      all = all && other && reader->inputs[0] == name && (!spec || *spec == *other);
      spec = other;
    }
    if (all && spec) {
      target.spec = spec;
      return target;
    }
    if (at->second.size() != 1 || at->second[0]->outputs.empty()) return {};
    const NodeProto& next = *at->second[0];
    if (next.inputs[0] != name) return {};
    if (next.op == "Relu" && activations && target.activation == "none") {
      target.activation = "relu";
    } else if (next.op == "Clip" && activations && target.activation == "none") {
      Call clip;
      clip.node = &next;
      const auto bound = [&](std::size_t i, const char* attribute, double none) {
        const auto v = i < next.inputs.size() ? values_.find(next.inputs[i]) : values_.end();
        if (v != values_.end() && v->second.known() && v->second.constant->count() == 1)
          return v->second.constant->real(0);
        return i < next.inputs.size() && !next.inputs[i].empty()
                   ? std::numeric_limits<double>::quiet_NaN()
                   : static_cast<double>(clip.real(attribute, static_cast<float>(none)));
      };
      if (bound(1, "min", -1.0) != 0.0 || bound(2, "max", -1.0) != 6.0) return {};
      target.activation = "relu6";
    } else if (next.op != "Reshape" && next.op != "Flatten" && next.op != "Squeeze" && next.op != "Unsqueeze" &&
               next.op != "Transpose" && next.op != "Identity" && next.op != "Dropout") {
      return {};
    }
    name = next.outputs[0];
  }
  return {};
}

Result<Value> Importer::dequantized(Value v, const QuantSpec& spec) {
  v.real = true;
  v.activation.clear();
  if (v.known()) {
    if (v.constant->type == DType::f32) return Error{"dequantises numbers that are real already", "", ""};
    MOTE_TRY(charge(v.constant->count()));
    if (v.constant->type == DType::u8) v.constant = shifted(*v.constant);
    v.spec = spec;
    if (v.constant->type != spec.type) {
      return Error{fmt::format("dequantises {} with a zero point of {}", name_of(v.constant->type), name_of(spec.type)),
                   "", "export the model again"};
    }
    return v;
  }
  Tensor& t = graph_.tensor(v.id);
  if (spec.quant.per_channel()) {
    return Error{"quantises activations per channel", "", "quantise activations with one scale"};
  }
  const bool is_input = producer_.find(v.id) == producer_.end();
  if (t.type == DType::u8 && is_input) {
    if (t.quant.empty()) {
      t.quant = spec.quant;
      for (std::int32_t& z : t.quant.zero_point) z += 128;
    }
    MOTE_LET(id, emit("quantize", {v.id}, &spec));
    v.id = id;
    v.was_u8 = true;
    return v;
  }
  if (t.quant.empty() && is_input && t.type == spec.type) t.quant = spec.quant;
  if (t.type != spec.type || t.quant != spec.quant) {
    return Error{
        fmt::format("reads {} values with another scale or zero point than they were made with", name_of(t.type)), "",
        "export the model again; a pair of QuantizeLinear and DequantizeLinear states the same twice"};
  }
  return v;
}

Result<Value> Importer::quantized(Value v, const QuantSpec& spec) {
  v.was_u8 = spec.was_u8;
  if (v.known()) {
    MOTE_LET(real, as_real(v));
    const Constant& in = *real.constant;
    MOTE_TRY(charge(in.count()));
    Constant out;
    out.type = spec.type;
    out.shape = in.shape;
    out.data.resize(static_cast<std::size_t>(in.count() * size_bytes(spec.type)));
    const auto [low, high] = range_of(spec.type);
    const Channels channels(in.shape, spec.quant);
    for (std::int64_t i = 0; i < in.count(); ++i) {
      const std::size_t c = channels.of(i);
      const double scaled = std::nearbyint(in.real(i) / static_cast<double>(spec.quant.scale[c])) +
                            static_cast<double>(spec.quant.zero_point[c]);
      const auto q = static_cast<std::int64_t>(
          std::isnan(scaled) ? 0.0 : std::clamp(scaled, static_cast<double>(low), static_cast<double>(high)));
      if (spec.type == DType::s8) store(static_cast<std::int8_t>(q), i, out.data);
      if (spec.type == DType::s16) store(static_cast<std::int16_t>(q), i, out.data);
      if (spec.type == DType::s32) store(static_cast<std::int32_t>(q), i, out.data);
    }
    Value known_value = known(std::move(out));
    known_value.spec = spec;
    known_value.real = true;
    known_value.was_u8 = spec.was_u8;
    return known_value;
  }
  if (spec.quant.per_channel() || spec.type == DType::s32) {
    return Error{"quantises activations per channel or to int32", "", "quantise activations to int8 with one scale"};
  }
  const Tensor& t = graph_.tensor(v.id);
  if (t.type != DType::f32 && !v.real) return Error{"quantises integers", "", "export the model again"};
  v.real = true;
  if (t.type == spec.type && t.quant == spec.quant) return v;
  MOTE_LET(id, emit("quantize", {v.id}, &spec));
  v.id = id;
  return v;
}

Result<Value> Importer::as_real(Value v) {
  if (v.known()) {
    const Constant& in = *v.constant;
    if (in.type == DType::f32) return v;
    if (!v.real) {
      return Error{fmt::format("takes {} where real numbers are needed", name_of(in.type)), "",
                   "export the model with float operands"};
    }
    MOTE_TRY(charge(in.count()));
    Constant out;
    out.shape = in.shape;
    out.data.resize(static_cast<std::size_t>(in.count()) * sizeof(float));
    const Channels channels(in.shape, v.spec.quant);
    for (std::int64_t i = 0; i < in.count(); ++i) {
      const std::size_t c = channels.of(i);
      const auto q = static_cast<float>(in.integer(i) - v.spec.quant.zero_point[c]);
      store(q * v.spec.quant.scale[c], i, out.data);
    }
    return known(std::move(out));
  }
  const Tensor& t = graph_.tensor(v.id);
  if (t.type == DType::f32) return v;
  if (!v.real) {
    return Error{fmt::format("takes {} where real numbers are needed", name_of(t.type)), "",
                 "export the model with float operands"};
  }
  auto at = real_.find(v.id);
  if (at == real_.end()) {
    const QuantSpec real = {DType::f32, false, {}};
    MOTE_LET(id, emit("dequantize", {v.id}, &real));
    at = real_.emplace(v.id, id).first;
  }
  v.id = at->second;
  v.was_u8 = false;
  return v;
}

Result<Importer::Values> Importer::quantize_linear(Call& call) {
  if (call.integer("block_size", 0) != 0) return Error{"quantises in blocks", "", "quantise per tensor or per channel"};
  if (!call.has(1)) return Error{"lacks its scale", "", ""};
  const Value* zero_point = call.has(2) ? &call.in[2] : nullptr;
  MOTE_LET(spec, spec_of(call.in[1], zero_point, call.integer("axis", 1), DType::u8, call.in[0].shape));
  MOTE_LET(out, quantized(call.in[0], spec));
  out.real = false;
  return Values{out};
}

Result<Importer::Values> Importer::dequantize_linear(Call& call) {
  if (call.integer("block_size", 0) != 0)
    return Error{"is quantised in blocks", "", "quantise per tensor or per channel"};
  if (!call.has(1)) return Error{"lacks its scale", "", ""};
  const Value& x = call.in[0];
  const DType stored = x.known() ? x.constant->type : graph_.tensor(x.id).type;
  const Value* zero_point = call.has(2) ? &call.in[2] : nullptr;
  const DType fallback = x.was_u8 ? DType::u8 : stored;
  MOTE_LET(spec, spec_of(call.in[1], zero_point, call.integer("axis", 1), fallback, x.shape));
  MOTE_LET(out, dequantized(x, spec));
  return Values{out};
}

// A QLinear operator is its plain one between DequantizeLinear and QuantizeLinear. Where its operands are:
//   values     first of (x, scale, zero point), for each real operand
//   output     first of (scale, zero point)
//   bias       of a convolution or fully connected layer, in int32 of scale x * weights
struct QLinearForm {
  std::string_view op;
  std::vector<std::size_t> values;
  std::size_t output;
  std::optional<std::size_t> bias;
};

Result<Importer::Values> Importer::qlinear(Call& call) {
  static const std::map<std::string, QLinearForm, std::less<>> kForms = {
      {"QLinearConv", {"Conv", {0, 3}, 6, 8}},
      {"QLinearMatMul", {"MatMul", {0, 3}, 6, {}}},
      {"QLinearAdd", {"Add", {0, 3}, 6, {}}},
      {"QLinearMul", {"Mul", {0, 3}, 6, {}}},
      {"QGemm", {"Gemm", {0, 3}, 7, 6}},
      {"QLinearSigmoid", {"Sigmoid", {0}, 3, {}}},
      {"QLinearLeakyRelu", {"LeakyRelu", {0}, 3, {}}},
      {"QLinearSoftmax", {"Softmax", {0}, 3, {}}},
      {"QLinearAveragePool", {"AveragePool", {0}, 3, {}}},
      {"QLinearGlobalAveragePool", {"GlobalAveragePool", {0}, 3, {}}},
  };
  if (call.integer("channels_last", 0) != 0)
    return Error{"is channels-last already", "", "export plain ONNX operators"};
  QLinearForm form;
  if (call.node->op == "QLinearConcat") {
    form = {"Concat", {}, 0, {}};
    for (std::size_t i = 2; i < call.in.size(); i += 3) form.values.push_back(i);
  } else {
    form = kForms.find(call.node->op)->second;
  }
  NodeProto plain = *call.node;
  plain.op = form.op;
  Call inner;
  inner.node = &plain;
  inner.output = call.output;
  const bool is_weighted = form.op == "Conv" || form.op == "MatMul" || form.op == "Gemm";
  for (std::size_t k = 0; k < form.values.size(); ++k) {
    const std::size_t at = form.values[k];
    if (!call.has(at) || !call.has(at + 1)) return Error{fmt::format("lacks operand {} or its scale", at), "", ""};
    const Value& x = call.in[at];
    const DType stored = x.known() ? x.constant->type : graph_.tensor(x.id).type;
    // Weights may have a scale per output channel: first dimension of a convolution's, last of a matrix's.
    const bool transposed = form.op == "Conv" || (form.op == "Gemm" && call.integer("transB", 0) != 0);
    const std::int64_t axis = is_weighted && k == 1 && !transposed ? -1 : 0;
    MOTE_LET(spec, spec_of(call.in[at + 1], call.has(at + 2) ? &call.in[at + 2] : nullptr, axis,
                           x.was_u8 ? DType::u8 : stored, x.shape));
    MOTE_LET(value, dequantized(x, spec));
    inner.in.push_back(std::move(value));
  }
  if (form.bias && call.has(*form.bias)) {
    Value bias = call.in[*form.bias];
    const Quant& x = inner.in[0].known() ? inner.in[0].spec.quant : graph_.tensor(inner.in[0].id).quant;
    if (!bias.known() || bias.constant->type != DType::s32 || !inner.in[1].known()) {
      return Error{"has a bias or weights that are not constant integers", "", "export the model again"};
    }
    QuantSpec spec;
    spec.type = DType::s32;
    for (const float w : inner.in[1].spec.quant.scale) {
      spec.quant.scale.push_back(x.scale.at(0) * w);
      spec.quant.zero_point.push_back(0);
    }
    if (spec.quant.per_channel() && bias.constant->shape != Shape{static_cast<std::int64_t>(spec.quant.scale.size())}) {
      return Error{fmt::format("bias {} should have {} elements", text_of(bias.shape), spec.quant.scale.size()), "",
                   ""};
    }
    MOTE_LET(value, dequantized(std::move(bias), spec));
    inner.in.push_back(std::move(value));
  }
  if (!call.has(form.output))
    return Error{"gives real numbers, which is not supported here", "", "quantise its output"};
  MOTE_LET(target, spec_of(call.in[form.output], call.has(form.output + 1) ? &call.in[form.output + 1] : nullptr, 0,
                           DType::u8, {}));
  if (target.quant.per_channel()) return Error{"quantises activations per channel", "", "quantise them with one scale"};
  const Handler handler = handlers().find(form.op)->second;
  forced_ = target;
  auto results = (this->*handler)(inner);
  forced_.reset();
  if (!results.ok()) return std::move(results).error();
  Values out;
  for (Value& v : results.value()) {
    MOTE_LET(q, quantized(std::move(v), target));
    q.real = false;
    out.push_back(std::move(q));
  }
  return out;
}

}  // namespace mote::onnx
