// Lookups on the graph.
#include "host/ir/graph.h"

#include <algorithm>
#include <array>

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

std::string_view name_of(OpKind kind) { return kNames.at(static_cast<std::size_t>(kind)).name; }

std::optional<OpKind> op_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i].name == name) return static_cast<OpKind>(i);
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
  out += kNames.at(static_cast<std::size_t>(node.kind)).tflite_name;
  if (!node.name.empty()) out += " '" + node.name + "'";
  return out;
}

}  // namespace mote
