// Asks an operator's reader what it would make of options until it makes the attributes at hand.
#include "host/export/tflite_options.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "host/ops/op.h"

namespace mote {
namespace {

// BuiltinOptions by operator code. Source: TFLite schema.
constexpr std::uint8_t kOptionsTypes[] = {
    11,  5,  10, 1,   2,  94,  38,  0,   0,   8,   0,   12,  5,   13,  0,   4,   14,  5,   21,  0,   0,  0,  17,  15,
    7,   9,  19, 6,   0,  3,   18,  16,  0,   20,  22,  31,  23,  24,  25,  26,  27,  28,  29,  30,  71, 32, 70,  33,
    34,  35, 36, 0,   69, 37,  0,   39,  40,  39,  41,  42,  43,  44,  45,  46,  47,  48,  0,   49,  50, 51, 52,  53,
    54,  0,  27, 0,   0,  55,  56,  57,  58,  27,  27,  59,  60,  61,  62,  63,  64,  27,  65,  27,  66, 67, 68,  72,
    73,  74, 75, 76,  77, 78,  79,  80,  0,   81,  82,  83,  84,  85,  86,  0,   87,  88,  89,  90,  0,  91, 92,  93,
    95,  96, 97, 98,  99, 100, 101, 0,   102, 103, 104, 105, 106, 0,   0,   0,   107, 108, 109, 110, 27, 0,  111, 112,
    113, 0,  0,  115, 0,  0,   116, 117, 0,   118, 119, 121, 122, 120, 123, 124, 125, 126};

using Value = decltype(TfliteOption::value);

// Options that remember what they were asked for, and answer what they were told to.
class Probe final : public TfliteOptions {
 public:
  [[nodiscard]] std::int64_t i32(int field, std::int64_t fallback) const override {
    return std::get<std::int32_t>(answer(field, static_cast<std::int32_t>(fallback)));
  }
  [[nodiscard]] std::int64_t i8(int field, std::int64_t fallback) const override {
    return std::get<std::int8_t>(answer(field, static_cast<std::int8_t>(fallback)));
  }
  [[nodiscard]] double f32(int field, double fallback) const override {
    return static_cast<double>(std::get<float>(answer(field, static_cast<float>(fallback))));
  }
  [[nodiscard]] std::vector<std::int64_t> i32_vector(int field) const override {
    const auto& v = std::get<std::vector<std::int32_t>>(answer(field, std::vector<std::int32_t>()));
    return {v.begin(), v.end()};
  }

  mutable std::map<int, Value> fields;  // the operators' interface is const, as for a file

 private:
  const Value& answer(int field, Value&& fallback) const {
    return fields.try_emplace(field, std::move(fallback)).first->second;
  }
};

// How many of the node's attributes these options give back; -1 where the reader refuses them.
int agreement(const Probe& probe, const Graph& graph, const Node& node) {
  Node read = node;
  read.attrs = {};
  if (!op_row(node.kind).def->from_tflite(probe, graph, read).ok()) return -1;
  int same = 0;
  for (const auto& [name, value] : node.attrs.items()) {
    const AttrValue* got = read.attrs.find(name);
    same += got != nullptr && *got == value ? 1 : 0;
  }
  return same;
}

// Values that a field of this type could have: enumerations and flags, or what the attributes hold.
std::vector<Value> candidates(const Value& type, const Attrs& attrs) {
  constexpr int kEnumerators = 8;  // no enumeration of the schema that operators read has more
  std::vector<Value> out;
  if (std::holds_alternative<std::int8_t>(type)) {
    for (int i = 0; i < kEnumerators; ++i) out.emplace_back(static_cast<std::int8_t>(i));
  }
  for (const auto& item : attrs.items()) {
    const AttrValue& value = item.second;
    if (const auto* n = std::get_if<std::int64_t>(&value)) {
      if (std::holds_alternative<std::int32_t>(type)) out.emplace_back(static_cast<std::int32_t>(*n));
    } else if (const auto* x = std::get_if<double>(&value)) {
      if (std::holds_alternative<float>(type)) out.emplace_back(static_cast<float>(*x));
    } else if (const auto* v = std::get_if<std::vector<std::int64_t>>(&value)) {
      if (!std::holds_alternative<std::vector<std::int32_t>>(type)) continue;
      std::vector<std::int32_t> narrow;
      std::ranges::transform(*v, std::back_inserter(narrow),
                             [](std::int64_t e) { return static_cast<std::int32_t>(e); });
      out.emplace_back(std::move(narrow));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<TfliteOption>> tflite_options(const Graph& graph, const Node& node) {
  Probe probe;
  int best = agreement(probe, graph, node);  // also finds the fields
  std::vector<int> fields;
  for (const auto& field : probe.fields) fields.push_back(field.first);
  for (const int field : fields) {
    Value chosen = probe.fields.at(field);
    for (const Value& value : candidates(chosen, node.attrs)) {
      probe.fields[field] = value;
      if (const int same = agreement(probe, graph, node); same > best) {
        best = same;
        chosen = value;
      }
    }
    probe.fields[field] = std::move(chosen);
  }
  if (best != static_cast<int>(node.attrs.items().size())) {
    return Error{fmt::format("has attributes that a TFLite file cannot hold ({} of {} can be written)",
                             std::max(best, 0), node.attrs.items().size()),
                 "", "export the graph as it is before mote's passes"};
  }
  std::vector<TfliteOption> out;
  for (auto& [field, value] : probe.fields) out.push_back({field, std::move(value)});
  if (const auto derived = op_row(node.kind).def->derived_options; derived != nullptr) {
    for (const TfliteDerived& d : derived(graph, node)) {
      TfliteOption& option = out.emplace_back();
      option.field = d.field;
      if (d.is_byte) {
        option.value = static_cast<std::int8_t>(d.value);
      } else {
        option.value = d.value;
      }
    }
  }
  return out;
}

std::uint8_t tflite_options_type(std::int64_t builtin_code) {
  return builtin_code >= 0 && builtin_code < std::ssize(kOptionsTypes) ? kOptionsTypes[builtin_code] : std::uint8_t{0};
}

}  // namespace mote
