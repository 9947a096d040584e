// Walks an ONNX file: checks it, resolves names to values, and hands each node to its handler.
#include "host/import/onnx.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/base/file.h"
#include "host/base/identifier.h"
#include "host/base/printable.h"
#include "host/import/onnx_importer.h"
#include "host/ir/verify.h"
#include "host/ops/infer.h"

namespace mote::onnx {
namespace {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 20;
constexpr const char* kExportAgain = "the file is damaged or its exporter is at fault; export the model again";
constexpr std::size_t kMaxListed = 32;
constexpr std::size_t kMaxSearch = 1 << 12;

std::string shown(const std::string& name) { return printable(name, "unnamed"); }

std::string stem_of(std::string_view source) {
  if (const std::size_t slash = source.find_last_of("/\\"); slash != std::string_view::npos)
    source.remove_prefix(slash + 1);
  if (const std::size_t dot = source.rfind('.'); dot != std::string_view::npos && dot > 0)
    source = source.substr(0, dot);
  return identifier(source);
}

}  // namespace

const Attribute* Call::attribute(std::string_view name) const {
  for (const Attribute& a : node->attributes) {
    if (!name.empty() && a.name == name) return &a;
  }
  return nullptr;
}
std::int64_t Call::integer(std::string_view name, std::int64_t fallback) const {
  const Attribute* a = attribute(name);
  return a == nullptr ? fallback : a->i;
}
float Call::real(std::string_view name, float fallback) const {
  const Attribute* a = attribute(name);
  return a == nullptr ? fallback : a->f;
}
std::string Call::text(std::string_view name, std::string_view fallback) const {
  const Attribute* a = attribute(name);
  return a == nullptr ? std::string(fallback) : a->s;
}
std::vector<std::int64_t> Call::integers(std::string_view name) const {
  const Attribute* a = attribute(name);
  return a == nullptr ? std::vector<std::int64_t>() : a->ints;
}

const std::map<std::string, Importer::Handler, std::less<>>& Importer::handlers() {
  using I = Importer;
  static const std::map<std::string, Handler, std::less<>> kHandlers = {
      {"Abs", &I::unary},
      {"Add", &I::binary},
      {"ArgMax", &I::arg_max},
      {"AveragePool", &I::pool},
      {"BatchNormalization", &I::batch_normalization},
      {"Cast", &I::cast},
      {"Ceil", &I::unary},
      {"Clip", &I::clip},
      {"Concat", &I::concat},
      {"Constant", &I::constant},
      {"ConstantOfShape", &I::constant_of_shape},
      {"Conv", &I::conv},
      {"Cos", &I::unary},
      {"DequantizeLinear", &I::dequantize_linear},
      {"Div", &I::binary},
      {"Dropout", &I::alias},
      {"Elu", &I::unary},
      {"Equal", &I::folded_only},
      {"Exp", &I::unary},
      {"Expand", &I::folded_only},
      {"Flatten", &I::reshape},
      {"Floor", &I::unary},
      {"Gather", &I::gather},
      {"Gemm", &I::gemm},
      {"GlobalAveragePool", &I::pool},
      {"GlobalMaxPool", &I::pool},
      {"Greater", &I::folded_only},
      {"HardSigmoid", &I::hard_sigmoid},
      {"HardSwish", &I::unary},
      {"Identity", &I::alias},
      {"LeakyRelu", &I::unary},
      {"Less", &I::folded_only},
      {"Log", &I::unary},
      {"LogSoftmax", &I::softmax},
      {"MatMul", &I::matmul},
      {"Max", &I::binary},
      {"MaxPool", &I::pool},
      {"Min", &I::binary},
      {"Mod", &I::folded_only},
      {"Mul", &I::binary},
      {"Neg", &I::unary},
      {"PRelu", &I::binary},
      {"Pad", &I::pad},
      {"Pow", &I::binary},
      {"QGemm", &I::qlinear},
      {"QLinearAdd", &I::qlinear},
      {"QLinearAveragePool", &I::qlinear},
      {"QLinearConcat", &I::qlinear},
      {"QLinearConv", &I::qlinear},
      {"QLinearGlobalAveragePool", &I::qlinear},
      {"QLinearLeakyRelu", &I::qlinear},
      {"QLinearMatMul", &I::qlinear},
      {"QLinearMul", &I::qlinear},
      {"QLinearSigmoid", &I::qlinear},
      {"QLinearSoftmax", &I::qlinear},
      {"QuantizeLinear", &I::quantize_linear},
      {"Range", &I::range},
      {"ReduceMean", &I::reduce_mean},
      {"Relu", &I::unary},
      {"Reshape", &I::reshape},
      {"Round", &I::unary},
      {"Shape", &I::shape},
      {"Sigmoid", &I::unary},
      {"Sin", &I::unary},
      {"Size", &I::shape},
      {"Slice", &I::slice},
      {"Softmax", &I::softmax},
      {"Split", &I::split},
      {"Sqrt", &I::unary},
      {"Squeeze", &I::reshape},
      {"Sub", &I::binary},
      {"Tanh", &I::unary},
      {"Transpose", &I::transpose},
      {"Unsqueeze", &I::reshape},
      {"Where", &I::folded_only},
  };
  return kHandlers;
}

Importer::Importer(const ModelProto& model, const std::string& source, const OnnxOptions& options)
    : model_(model), options_(options), external_(options.folder) {
  graph_.source = source;
  graph_.name = stem_of(source);
}

Result<Graph> Importer::run() {
  MOTE_TRY(check_model());
  MOTE_TRY(initializers());
  MOTE_TRY(inputs());
  MOTE_TRY(nodes());
  MOTE_TRY(outputs());
  MOTE_TRY(verify(graph_));
  return std::move(graph_);
}

Status Importer::check_model() {
  if (!model_.has_graph || model_.nodes.empty()) {
    return Error{"is not an ONNX file, or has no operators", graph_.source, "give a .onnx file"};
  }
  for (const auto& [domain, version] : model_.opsets) {
    if (domain.empty() || domain == "ai.onnx") opset_ = version;
  }
  if (opset_ < kOldestOpset || opset_ > kNewestOpset) {
    return Error{fmt::format("has operator set version {}; mote reads {} to {}", opset_, kOldestOpset, kNewestOpset),
                 graph_.source, "export with opset_version 13 or 17, or run onnx.version_converter"};
  }
  if (model_.has_functions || model_.has_sparse_initializers) {
    return Error{model_.has_functions ? "defines functions of its own" : "has sparse constants", graph_.source,
                 "inline the functions (onnx.inliner) and store constants densely"};
  }
  std::map<std::string, std::vector<std::size_t>> refused;
  bool control = false;
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    const NodeProto& node = model_.nodes[i];
    const bool ours = node.domain.empty() || node.domain == "ai.onnx" || node.domain == "com.microsoft";
    const bool graphs =
        std::any_of(node.attributes.begin(), node.attributes.end(), [](const Attribute& a) { return a.has_graph; });
    control = control || graphs;
    if (ours && !graphs && handlers().contains(node.op)) continue;
    const std::string domain = node.domain.empty() ? "" : shown(node.domain) + ".";
    refused[domain + shown(node.op)].push_back(i);
    if (refused.size() > kMaxListed) break;
  }
  if (!refused.empty()) {
    std::vector<std::string> lines;
    for (auto& [name, at] : refused) {
      const std::size_t all = at.size();
      at.resize(std::min(all, kMaxListed));
      lines.push_back(fmt::format("{} at node{} {}{}", name, all == 1 ? "" : "s", fmt::join(at, ", "),
                                  all > kMaxListed ? fmt::format(" and {} more", all - kMaxListed) : std::string()));
    }
    std::vector<std::string_view> names;
    for (const auto& [name, handler] : handlers()) names.push_back(name);
    return Error{fmt::format("not supported: {}", fmt::join(lines, "; ")), graph_.source,
                 control ? "export the model without control flow (unroll loops and recurrent cells)"
                         : fmt::format("rebuild the model from supported operators: {}", fmt::join(names, ", "))};
  }
  for (const Port& port : model_.outputs) outputs_.insert(port.name);
  for (const NodeProto& node : model_.nodes) {
    for (const std::string& name : node.inputs) {
      if (!name.empty()) readers_[name].push_back(&node);
    }
  }
  return {};
}

Status Importer::initializers() {
  for (const TensorProto& t : model_.initializers) {
    auto c = constant_of(t, external_);
    if (!c.ok()) return std::move(c).error().in(fmt::format("{}: tensor '{}'", graph_.source, shown(t.name)));
    if (Status s = charge(c.value().count()); !s.ok()) return std::move(s).error().in(graph_.source);
    if (!values_.emplace(t.name, known(std::move(c).value())).second) {
      return Error{"is stated twice", fmt::format("{}: tensor '{}'", graph_.source, shown(t.name)), kExportAgain};
    }
  }
  // Scales may be constants that come behind the operators which look ahead to them.
  for (const NodeProto& node : model_.nodes) {
    if (node.op != "Constant" || node.outputs.size() != 1) continue;
    Call call;
    call.node = &node;
    auto made = constant(call);
    if (made.ok()) values_.emplace(node.outputs[0], std::move(made).value()[0]);
  }
  return {};
}

// Whether convolutions or pools are the first to care for the layout of a value, looking through what works on
// elements.
bool Importer::wants_channels_last(const std::string& name) const {
  static const std::set<std::string, std::less<>> kSpatial = {
      "Conv",          "ConvTranspose",      "MaxPool",     "AveragePool",        "GlobalAveragePool",
      "GlobalMaxPool", "BatchNormalization", "QLinearConv", "QLinearAveragePool", "QLinearGlobalAveragePool"};
  static const std::set<std::string, std::less<>> kElementwise = {"QuantizeLinear",
                                                                  "DequantizeLinear",
                                                                  "Add",
                                                                  "Sub",
                                                                  "Mul",
                                                                  "Div",
                                                                  "Relu",
                                                                  "LeakyRelu",
                                                                  "Sigmoid",
                                                                  "Tanh",
                                                                  "Clip",
                                                                  "Pad",
                                                                  "Elu",
                                                                  "HardSwish",
                                                                  "Identity",
                                                                  "Dropout",
                                                                  "Cast",
                                                                  "PRelu",
                                                                  "Split",
                                                                  "Max",
                                                                  "Concat",
                                                                  "Min",
                                                                  "QLinearAdd",
                                                                  "QLinearMul"};
  std::vector<std::string> open = {name};
  std::set<std::string> seen = {name};
  for (std::size_t i = 0; i < open.size() && i < kMaxSearch; ++i) {
    const auto at = readers_.find(open[i]);
    if (at == readers_.end()) continue;
    for (const NodeProto* reader : at->second) {
      if (kSpatial.contains(reader->op)) return reader->inputs[0] == open[i];
      if (!kElementwise.contains(reader->op)) continue;
      for (const std::string& next : reader->outputs) {
        if (seen.insert(next).second) open.push_back(next);
      }
    }
  }
  return false;
}

Result<Shape> Importer::input_shape(const Port& port) const {
  const auto stated = options_.shapes.find(port.name);
  const std::string fix = fmt::format("state it: --shape {}=1,3,96,96", shown(port.name));
  if (!port.has_shape && stated == options_.shapes.end()) return Error{"has no shape", "", fix};
  if (port.dims.size() > kMaxRank) return Error{fmt::format("has {} dimensions", port.dims.size()), "", ""};
  Shape shape;
  if (stated != options_.shapes.end()) {
    shape = stated->second;
    bool fits = !port.has_shape || shape.size() == port.dims.size();
    for (std::size_t d = 0; fits && d < port.dims.size(); ++d) {
      fits = port.dims[d].value <= 0 || port.dims[d].value == shape[d];
    }
    if (!fits) return Error{fmt::format("does not have the shape {}", text_of(shape)), "", "correct --shape"};
  } else {
    for (std::size_t d = 0; d < port.dims.size(); ++d) {
      if (port.dims[d].value > 0) {
        shape.push_back(port.dims[d].value);
      } else if (d == 0) {
        shape.push_back(1);  // the batch
      } else {
        return Error{fmt::format("leaves its dimension {} open{}", d,
                                 port.dims[d].symbol.empty() ? "" : " (" + shown(port.dims[d].symbol) + ")"),
                     "", fix};
      }
    }
  }
  MOTE_TRY(check_shape(shape));
  return shape;
}

Status Importer::inputs() {
  for (const auto& [name, shape] : options_.shapes) {
    const auto is = [&wanted = name](const Port& p) { return p.name == wanted; };
    if (std::none_of(model_.inputs.begin(), model_.inputs.end(), is)) {
      std::vector<std::string> names;
      for (const Port& p : model_.inputs) names.push_back(shown(p.name));
      return Error{fmt::format("has no input '{}'; it has {}", shown(name), fmt::join(names, ", ")), graph_.source,
                   "correct --shape"};
    }
  }
  for (const Port& port : model_.inputs) {
    if (values_.contains(port.name)) continue;  // a default value: what old files say of every constant
    const std::string where = fmt::format("{}: input '{}'", graph_.source, shown(port.name));
    const std::optional<DType> type = dtype_of(port.type);
    if (!type || (*type == DType::f32 && port.type != kFloat)) {
      return Error{fmt::format("has the type {}, which is not supported", type_name(port.type)), where,
                   "export the model with float, int8 or uint8 inputs"};
    }
    auto shape = input_shape(port);
    if (!shape.ok()) return std::move(shape).error().in(where);
    Tensor t;
    t.name = shown(port.name);
    t.type = *type;
    const std::size_t rank = shape.value().size();
    Order order = identity_order(rank);
    if ((rank == 3 || rank == 4) && wants_channels_last(port.name) &&
        !same_memory(shape.value(), order, channels_last_order(rank))) {
      order = channels_last_order(rank);
    }
    t.shape = permuted(shape.value(), order);
    const TensorId id = graph_.add_tensor(std::move(t));
    graph_.inputs.push_back(id);
    Value v = value_of(id, order, shape.value());
    v.was_u8 = *type == DType::u8;
    values_.emplace(port.name, std::move(v));
  }
  return {};
}

Status Importer::nodes() {
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    const NodeProto& node = model_.nodes[i];
    if (node.op == "Constant" && node.outputs.size() == 1 && values_.contains(node.outputs[0])) continue;
    const std::string title = node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
    const std::string where = fmt::format("{}: node {} {} '{}'", graph_.source, i, shown(node.op), shown(title));
    if (node.outputs.empty()) return Error{"has no output", where, kExportAgain};
    Call call;
    call.node = &node;
    call.output = node.outputs[0];
    for (const std::string& name : node.inputs) {
      if (name.empty()) {
        call.in.emplace_back();
        continue;
      }
      const auto at = values_.find(name);
      if (at == values_.end()) {
        return Error{fmt::format("reads '{}', which nothing before it gives", shown(name)), where, kExportAgain};
      }
      call.in.push_back(at->second);
    }
    label_ = node.outputs[0];
    index_ = static_cast<std::int32_t>(i);
    forced_.reset();
    auto made = (this->*handlers().find(node.op)->second)(call);
    if (!made.ok()) return std::move(made).error().in(where);
    for (std::size_t o = 0; o < std::min(made.value().size(), node.outputs.size()); ++o) {
      if (node.outputs[o].empty()) continue;
      Value& v = made.value()[o];
      if (!v.known()) named_.emplace(v.id, node.outputs[o]);
      if (!values_.emplace(node.outputs[o], std::move(v)).second) {
        return Error{fmt::format("gives '{}' a second time", shown(node.outputs[o])), where, kExportAgain};
      }
    }
  }
  return {};
}

Status Importer::outputs() {
  for (const Port& port : model_.outputs) {
    const std::string where = fmt::format("{}: output '{}'", graph_.source, shown(port.name));
    const auto at = values_.find(port.name);
    if (at == values_.end()) return Error{"is given by nothing", where, kExportAgain};
    Value v = at->second;
    if (v.known()) return Error{"is constant", where, "remove the output; its value is known"};
    label_ = port.name;
    index_ = static_cast<std::int32_t>(model_.nodes.size());
    const auto finish = [&]() -> Status {
      if (v.real) {
        MOTE_LET(real, as_real(v));
        v = std::move(real);
      }
      MOTE_TRY(settle(v));
      const std::size_t rank = v.shape.size();
      const bool keeps = (rank == 3 || rank == 4) && v.order == channels_last_order(rank) &&
                         !same_memory(v.shape, v.order, identity_order(rank));
      if (!keeps) {
        MOTE_LET(id, in_order(v, identity_order(rank)));
        v.id = id;
      }
      if (v.was_u8 && graph_.tensor(v.id).type == DType::s8) {
        QuantSpec wide = {DType::u8, true, graph_.tensor(v.id).quant};
        if (wide.quant.empty()) return Error{"has no scale", "", ""};
        for (std::int32_t& z : wide.quant.zero_point) z += 128;
        MOTE_LET(id, emit("quantize", {v.id}, &wide));
        v.id = id;
      }
      const bool taken = std::find(graph_.outputs.begin(), graph_.outputs.end(), v.id) != graph_.outputs.end();
      if (taken || producer_.find(v.id) == producer_.end()) {
        const Tensor& t = graph_.tensor(v.id);
        const QuantSpec same = {t.type, v.was_u8, t.quant};
        MOTE_LET(id, emit("reshape", {v.id}, &same, {{"new_shape", t.shape}}));
        v.id = id;
      }
      return {};
    };
    if (Status s = finish(); !s.ok()) return std::move(s).error().in(where);
    graph_.tensor(v.id).name = shown(port.name);
    graph_.outputs.push_back(v.id);
  }
  return {};
}

}  // namespace mote::onnx

namespace mote {

Result<Graph> import_onnx(std::span<const std::uint8_t> bytes, const std::string& source, const OnnxOptions& options) {
  if (bytes.size() > kMaxFileBytes) {
    return Error{fmt::format("has {} bytes, more than the {} accepted", bytes.size(), kMaxFileBytes), source, ""};
  }
  auto model = onnx::parse_model(bytes);
  if (!model.ok()) return std::move(model).error().in(source);
  return onnx::Importer(model.value(), source, options).run();
}

}  // namespace mote
