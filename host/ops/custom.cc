// Inference and lowering of custom operators.
#include "host/ops/custom.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <flatbuffers/flexbuffers.h>
#include <fmt/format.h>

#include "host/base/resources.h"
#include "host/base/suggest.h"
#include "host/ir/custom_ops.h"

namespace mote {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int32_t>::max();

struct Entry {
  CustomOp op;
  KernelRow kernel;
  OpRow row;
};

std::deque<Entry>& entries() {  // a deque: what rows point to stays where it is
  static std::deque<Entry> all;
  return all;
}

const Entry& entry(OpKind kind) { return entries().at(custom_op_index(kind)); }

Error unknown_name(const CustomOp& op, const std::string& name) {
  std::vector<std::string> known;
  for (const CustomOption& o : op.options) known.push_back(o.name);
  for (const auto* tensors : {&op.inputs, &op.outputs}) {
    for (const CustomTensor& t : *tensors) {
      known.push_back(t.name);
      for (const char* part : {".scale", ".zero_point", ".elements"}) known.push_back(t.name + part);
    }
  }
  const std::string near = nearest(name, known);
  return {fmt::format("'{}' is neither an option nor a property of a tensor", name), "",
          near.empty() ? "name an option, or a tensor's dimension, .scale, .zero_point or .elements"
                       : fmt::format("did you mean '{}'?", near)};
}

Result<double> property(const Tensor& t, const std::string& name, const std::string& part,
                        std::optional<std::int64_t> index) {
  const auto rank = static_cast<std::int64_t>(t.shape.size());
  if (part.empty() && index) {
    const std::int64_t i = *index < 0 ? *index + rank : *index;
    if (i < 0 || i >= rank) {
      return Error{fmt::format("{}[{}] is asked for, but {} is {}", name, *index, name, text_of(t.shape)), "", ""};
    }
    return static_cast<double>(t.shape[static_cast<std::size_t>(i)]);
  }
  if (part == "elements") return static_cast<double>(elements(t.shape));
  if (part == "scale" || part == "zero_point") {
    if (t.quant.scale.size() != 1) {
      return Error{
          fmt::format("{}.{} is asked for, but tensor '{}' has {} scales", name, part, t.name, t.quant.scale.size()),
          "", "quantise the tensor with one scale"};
    }
    return part == "scale" ? static_cast<double>(t.quant.scale[0]) : static_cast<double>(t.quant.zero_point[0]);
  }
  return Error{fmt::format("'{}' is no number", name), "", "write a dimension as in x[0]"};
}

struct TensorName {
  std::string tensor, part;
};
TensorName split(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? TensorName{name, ""} : TensorName{name.substr(0, dot), name.substr(dot + 1)};
}

ExpressionScope scope_of(const CustomOp& op, const Graph& g, const Node& node) {
  return [&](const std::string& name, std::optional<std::int64_t> index) -> Result<double> {
    for (const CustomOption& o : op.options) {
      if (o.name == name && !index) return node.attrs.real(name, o.fallback.value_or(0));
    }
    const TensorName wanted = split(name);
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      if (op.inputs[i].name == wanted.tensor) return property(g.tensor(node.inputs[i]), name, wanted.part, index);
    }
    for (std::size_t i = 0; i < op.outputs.size(); ++i) {
      if (op.outputs[i].name == wanted.tensor) return property(g.tensor(node.outputs[i]), name, wanted.part, index);
    }
    return unknown_name(op, name);
  };
}

Result<ParamsBlob> params_of_node(const CustomOp& op, const ExpressionScope& scope) {
  ParamsBlob blob{op.params_type, op.header, {}, {}};
  const auto add = [&](const std::string& name, std::int32_t word, std::string literal) {
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&word);
    blob.bytes.insert(blob.bytes.end(), raw, raw + sizeof word);
    blob.fields.emplace_back(name, std::move(literal));
  };
  for (const CustomParam& p : op.params) {
    const std::string where = "param '" + p.name + "'";
    if (p.is_real) {
      auto value = evaluate(p.value, scope);
      if (!value.ok()) return std::move(value).error().in(where);
      if (!(std::abs(value.value()) <= static_cast<double>(std::numeric_limits<float>::max()))) {
        return Error{fmt::format("'{}' is {}, which no float can be", p.value, value.value()), where, ""};
      }
      const auto real = static_cast<float>(value.value());
      add(p.name, std::bit_cast<std::int32_t>(real), float_literal(real));
    } else {
      auto value = evaluate_integer(p.value, scope, -kMaxInt, kMaxInt);
      if (!value.ok()) return std::move(value).error().in(where);
      add(p.name, static_cast<std::int32_t>(value.value()), std::to_string(value.value()));
    }
  }
  if (blob.bytes.empty()) blob.bytes.push_back(0);  // of an empty struct, whose address is still taken
  return blob;
}

Result<std::int64_t> scratch_of(const CustomOp& op, const ExpressionScope& scope) {
  constexpr std::int64_t kMaxScratch = std::int64_t{1} << 28;
  if (op.scratch_bytes.empty()) return 0;
  auto bytes = evaluate_integer(op.scratch_bytes, scope, 0, kMaxScratch);
  if (!bytes.ok()) return std::move(bytes).error().in("scratch_bytes");
  return bytes;
}

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const CustomOp& op = custom_op_of(node.kind);
  MOTE_LET(outputs, custom_outputs(g, node));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& stated = g.tensor(node.outputs[i]);
    if (stated.type == outputs[i].type && stated.shape == outputs[i].shape) continue;
    return Error{fmt::format("the description gives output '{}' {}{}, but the model states {}{} for '{}'",
                             op.outputs[i].name, name_of(outputs[i].type), text_of(outputs[i].shape),
                             name_of(stated.type), text_of(stated.shape), stated.name),
                 "", "mend 'type' or 'shape' of the output in operator.toml, or the model"};
  }
  const ExpressionScope scope = scope_of(op, g, node);
  if (auto params = params_of_node(op, scope); !params.ok()) return std::move(params).error();  // lowering cannot fail
  if (auto scratch = scratch_of(op, scope); !scratch.ok()) return std::move(scratch).error();
  return outputs;
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Entry& e = entry(node.kind);
  const ExpressionScope scope = scope_of(e.op, g, node);
  KernelCall call;
  call.row = &e.kernel;
  MOTE_LET(params, params_of_node(e.op, scope));
  MOTE_LET(scratch, scratch_of(e.op, scope));
  if (scratch > isas.max_scratch_bytes) {  // the planner asks for a kernel with less, and there is but one
    return Error{fmt::format("kernel {} takes {} bytes of scratch", e.op.name, scratch), "", ""};
  }
  call.params = std::move(params);
  call.scratch_bytes = scratch;
  for (const TensorId id : node.inputs) call.add_tensor(id);
  for (const TensorId id : node.outputs) call.add_tensor(id);
  if (!e.op.scratch_bytes.empty()) call.add_scratch();
  std::vector<InPlace> in_place;
  if (e.op.in_place && g.tensor(node.inputs[*e.op.in_place]).size_bytes() == g.tensor(node.outputs[0]).size_bytes()) {
    in_place.push_back({*e.op.in_place, 0});
  }
  return Lowered::of(std::move(call), std::move(in_place));
}

std::int64_t macs(const Graph& g, const Node& node) {
  const CustomOp& op = custom_op_of(node.kind);
  constexpr std::int64_t kMost = std::int64_t{1} << 50;
  if (op.macs.empty()) return 0;
  const auto count = evaluate_integer(op.macs, scope_of(op, g, node), 0, kMost);
  return count.ok() ? count.value() : 0;
}

constexpr OpDef kDef = {from_tflite, infer, lower, macs};

}  // namespace

Result<OpKind> register_custom_op(CustomOp op) {
  if (op_from_name(op.name) || custom_op_from_tflite(op.tflite_name)) {
    return Error{fmt::format("operator '{}' exists already", op_from_name(op.name) ? op.name : op.tflite_name), "",
                 "choose another name"};
  }
  for (const OpRow& row : all_ops()) {
    for (const KernelRow& kernel : row.kernels()) {
      if (kernel.name == op.name) return Error{fmt::format("kernel '{}' exists already", op.name), "", "rename it"};
    }
  }
  const OpKind kind =
      add_custom_op({op.name, op.tflite_name, static_cast<int>(op.inputs.size()), static_cast<int>(op.outputs.size())});
  Entry& e = entries().emplace_back();
  e.op = std::move(op);
  e.kernel = {e.op.name,
              e.op.name,
              "portable",
              e.op.header,
              [](const void*) { return true; },
              [](const void*) { return std::int64_t{0}; },  // a call states its own
              [](const void*) { return std::int64_t{0}; },
              [](const void*) { return kernels::WalkOrder{}; },
              e.op.thunk,
              {}};
  constexpr int kCustom = 32;
  const auto inputs = static_cast<int>(e.op.inputs.size());
  e.row = {e.op.name,
           inputs,
           inputs,
           static_cast<int>(e.op.outputs.size()),
           kCustom,
           e.op.tflite_name,
           std::numeric_limits<int>::max(),
           "",
           &kDef,
           [] { return std::span<const KernelRow>(); }};
  return kind;
}

const CustomOp& custom_op_of(OpKind kind) { return entry(kind).op; }
const OpRow& custom_row(OpKind kind) { return entry(kind).row; }

Status read_custom_options(std::span<const std::uint8_t> bytes, Node& node) {
  const CustomOp& op = custom_op_of(node.kind);
  // What it reads must be proved first, and lie as it was written; a vector's memory does.
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  std::optional<flexbuffers::Map> map;
  for (const CustomOption& o : op.options) {
    std::optional<double> value;
    if (o.at) {
      if (static_cast<std::size_t>(*o.at) + 4 <= copy.size()) {
        std::int32_t word = 0;
        std::memcpy(&word, &copy[static_cast<std::size_t>(*o.at)], sizeof word);
        value = o.is_real ? static_cast<double>(std::bit_cast<float>(word)) : static_cast<double>(word);
      }
    } else if (!copy.empty()) {
      if (!map) {
        std::vector<std::uint8_t> seen;
        constexpr std::size_t kSmallest = 3;
        if (copy.size() < kSmallest || !flexbuffers::VerifyBuffer(copy.data(), copy.size(), &seen) ||
            !flexbuffers::GetRoot(copy).IsMap()) {
          return Error{fmt::format("the {} bytes of options are no flexbuffer with keys", copy.size()), "",
                       "state 'at' for options that lie at a byte, or export the model again"};
        }
        map.emplace(flexbuffers::GetRoot(copy).AsMap());
      }
      const flexbuffers::Reference found = (*map)[o.name];
      if (found.IsBool()) {
        value = found.AsBool() ? 1 : 0;
      } else if (found.IsNumeric()) {
        value = found.AsDouble();
      } else if (!found.IsNull()) {
        return Error{fmt::format("option '{}' is no number", o.name), "", "give numbers as options"};
      }
    }
    if (!value) value = o.fallback;
    if (!value) {
      return Error{fmt::format("option '{}' is not in the model", o.name), "",
                   "state a 'default' for it in operator.toml, or export the model with it"};
    }
    if (!std::isfinite(*value)) return Error{fmt::format("option '{}' is {}", o.name, *value), "", "give a number"};
    node.attrs.set(o.name, *value);
  }
  return {};
}

Status check_expressions(const CustomOp& op) {
  const ExpressionScope scope = [&](const std::string& name, std::optional<std::int64_t> index) -> Result<double> {
    for (const CustomOption& o : op.options) {
      if (o.name == name && !index) return 1.0;
    }
    const TensorName wanted = split(name);
    const bool is_part = index ? wanted.part.empty()
                               : wanted.part == "scale" || wanted.part == "zero_point" || wanted.part == "elements";
    for (const auto* tensors : {&op.inputs, &op.outputs}) {
      for (const CustomTensor& t : *tensors) {
        if (t.name == wanted.tensor && is_part) return 1.0;
      }
    }
    return unknown_name(op, name);
  };
  const auto check = [&](const std::string& where, const std::string& text) -> Status {
    if (auto value = evaluate(text, scope); !value.ok()) return std::move(value).error().in(where);
    return {};
  };
  for (const CustomTensor& t : op.outputs) {
    for (const std::string& dim : t.shape) MOTE_TRY(check(fmt::format("shape of '{}'", t.name), dim));
  }
  for (const CustomParam& p : op.params) MOTE_TRY(check(fmt::format("param '{}'", p.name), p.value));
  if (!op.scratch_bytes.empty()) MOTE_TRY(check("scratch_bytes", op.scratch_bytes));
  if (!op.macs.empty()) MOTE_TRY(check("macs", op.macs));
  return {};
}

Result<std::vector<Inferred>> custom_outputs(const Graph& g, const Node& node) {
  const CustomOp& op = custom_op_of(node.kind);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const CustomTensor& wanted = op.inputs[i];
    if (node.inputs[i] == kNoTensor) return Error{fmt::format("input '{}' is absent", wanted.name), "", "give it"};
    const Tensor& t = g.tensor(node.inputs[i]);
    const bool is_rank = !wanted.rank || *wanted.rank == static_cast<std::int64_t>(t.shape.size());
    if (t.type == wanted.type && is_rank) continue;
    return Error{fmt::format("input '{}' is {}{}, where the description wants {}{}", wanted.name, name_of(t.type),
                             text_of(t.shape), name_of(wanted.type),
                             wanted.rank ? fmt::format(" of {} dimensions", *wanted.rank) : ""),
                 fmt::format("tensor '{}'", t.name), "mend 'inputs' in operator.toml, or the model"};
  }
  const ExpressionScope scope = scope_of(op, g, node);
  std::vector<Inferred> out;
  for (const CustomTensor& t : op.outputs) {
    Inferred inferred{t.type, {}};
    for (const std::string& dim : t.shape) {
      auto value = evaluate_integer(dim, scope, 1, kMaxInt);
      if (!value.ok()) return std::move(value).error().in(fmt::format("shape of '{}'", t.name));
      inferred.shape.push_back(value.value());
      if (elements(inferred.shape) > kMaxElements || inferred.shape.size() > kMaxRank) {
        return Error{fmt::format("output '{}' would be {}", t.name, text_of(inferred.shape)), "", ""};
      }
    }
    out.push_back(std::move(inferred));
  }
  return out;
}

}  // namespace mote
