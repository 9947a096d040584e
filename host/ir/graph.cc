// Lookups on the graph.
#include "host/ir/graph.h"

#include <algorithm>
#include <array>
#include <deque>

#include "host/ir/custom_ops.h"

namespace mote {
namespace {

struct OpName {
  std::string_view name;
  std::string_view tflite_name;
};

constexpr std::array kNames = {
#define MOTE_OP(name, min_inputs, max_inputs, outputs, code, tflite_name, ...) OpName{#name, #tflite_name},
#include "contract/ops/ops.def"
#undef MOTE_OP
};

std::deque<CustomOpName>& custom_ops() {  // a deque: names stay where they are
  static std::deque<CustomOpName> ops;
  return ops;
}

auto position(auto& items, std::string_view name) {
  return std::lower_bound(items.begin(), items.end(), name,
                          [](const auto& item, std::string_view key) { return item.first < key; });
}

template <class T>
const T* typed(const Attrs& attrs, std::string_view name) {
  const AttrValue* value = attrs.find(name);
  return value == nullptr ? nullptr : std::get_if<T>(value);
}

}  // namespace

std::string_view name_of(OpKind kind) {
  const CustomOpName* custom = custom_op(kind);
  return custom != nullptr ? custom->name : kNames.at(static_cast<std::size_t>(kind)).name;
}

OpKind add_custom_op(CustomOpName name) {
  custom_ops().push_back(std::move(name));
  return static_cast<OpKind>(kNames.size() + custom_ops().size() - 1);
}

const CustomOpName* custom_op(OpKind kind) {
  return static_cast<std::size_t>(kind) < kNames.size() ? nullptr : &custom_ops().at(custom_op_index(kind));
}

bool is_custom_op(OpKind kind) {
  return static_cast<std::size_t>(kind) >= kNames.size() && custom_op_index(kind) < custom_ops().size();
}

std::size_t custom_op_index(OpKind kind) { return static_cast<std::size_t>(kind) - kNames.size(); }

std::optional<OpKind> custom_op_from_tflite(std::string_view tflite_name) {
  for (std::size_t i = 0; i < custom_ops().size(); ++i) {
    if (custom_ops()[i].tflite_name == tflite_name) return static_cast<OpKind>(kNames.size() + i);
  }
  return std::nullopt;
}

std::optional<OpKind> op_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i].name == name) return static_cast<OpKind>(i);
  }
  for (std::size_t i = 0; i < custom_ops().size(); ++i) {
    if (custom_ops()[i].name == name) return static_cast<OpKind>(kNames.size() + i);
  }
  return std::nullopt;
}

void Attrs::set(std::string_view name, AttrValue value) {
  const auto at = position(items_, name);
  if (at != items_.end() && at->first == name) {
    at->second = std::move(value);
  } else {
    items_.emplace(at, std::string(name), std::move(value));
  }
}

const AttrValue* Attrs::find(std::string_view name) const {
  const auto at = position(items_, name);
  return at != items_.end() && at->first == name ? &at->second : nullptr;
}

std::int64_t Attrs::integer(std::string_view name, std::int64_t fallback) const {
  const auto* value = typed<std::int64_t>(*this, name);
  return value == nullptr ? fallback : *value;
}

double Attrs::real(std::string_view name, double fallback) const {
  const auto* value = typed<double>(*this, name);
  return value == nullptr ? fallback : *value;
}

std::string Attrs::string(std::string_view name, std::string_view fallback) const {
  const auto* value = typed<std::string>(*this, name);
  return value == nullptr ? std::string(fallback) : *value;
}

std::vector<std::int64_t> Attrs::integers(std::string_view name) const {
  const auto* value = typed<std::vector<std::int64_t>>(*this, name);
  return value == nullptr ? std::vector<std::int64_t>{} : *value;
}

TensorId Graph::add_tensor(Tensor tensor) {
  tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(tensors.size() - 1);
}

std::string Graph::where(const Node& node) const {
  std::string out = node.source_index >= 0 ? "operator " + std::to_string(node.source_index) + " " : "operator ";
  const CustomOpName* custom = custom_op(node.kind);
  out += custom != nullptr ? custom->tflite_name : kNames.at(static_cast<std::size_t>(node.kind)).tflite_name;
  if (!node.name.empty()) out += " '" + node.name + "'";
  return out;
}

}  // namespace mote
