// The graph: tensors and nodes in execution order. Passive data; the verifier states what must hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/ir/types.h"

namespace mote {

// One enumerator per row of contract/ops/ops.def, in its order.
enum class OpKind : std::uint16_t {
#define MOTE_OP(name, ...) name,
#include "contract/ops/ops.def"
#undef MOTE_OP
};

[[nodiscard]] std::string_view name_of(OpKind kind);
[[nodiscard]] std::optional<OpKind> op_from_name(std::string_view name);

using TensorId = std::int32_t;
inline constexpr TensorId kNoTensor = -1;  // an optional input that is absent

struct Tensor {
  std::string name;
  DType type = DType::s8;
  Shape shape;
  Quant quant;
  bool is_constant = false;
  std::vector<std::uint8_t> data;  // little endian, size_bytes() long when is_constant, else empty

  [[nodiscard]] std::int64_t size_bytes() const { return elements(shape) * mote::size_bytes(type); }
  bool operator==(const Tensor&) const = default;
};

// What an operator carries beside its inputs: strides, axes, the fused activation. Values keep the source's
// meaning; numbers derived from shapes or scales do not belong here.
using AttrValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>;

class Attrs {
 public:
  void set(std::string_view name, AttrValue value);
  [[nodiscard]] const AttrValue* find(std::string_view name) const;
  // The value, or `fallback` where absent or of another type.
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  [[nodiscard]] double real(std::string_view name, double fallback) const;
  [[nodiscard]] std::string string(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, AttrValue>>& items() const { return items_; }
  bool operator==(const Attrs&) const = default;

 private:
  std::vector<std::pair<std::string, AttrValue>> items_;  // sorted by name
};

struct Node {
  OpKind kind{};
  std::string name;                // for people: the source's name of the first output
  std::int32_t source_index = -1;  // operator index in the source file; -1 for nodes a pass made
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  Attrs attrs;
  bool operator==(const Node&) const = default;
};

// A value that lives from run to run. A run finds it in `in`; what `out` is at the end of the run, the next run finds
// there. Both have one type and shape; `out` may be any tensor, `in` itself too.
struct State {
  std::string name;
  TensorId in = kNoTensor;
  TensorId out = kNoTensor;
  std::vector<std::uint8_t> initial;  // what the first run finds
  bool operator==(const State&) const = default;
};

struct Graph {
  std::string name;    // an identifier: the model's name in generated code
  std::string source;  // the file it came from, for messages
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;  // every input of a node is a graph input, a constant, a state, or an earlier node's output
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::vector<State> states;

  [[nodiscard]] Tensor& tensor(TensorId id) { return tensors.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] const Tensor& tensor(TensorId id) const { return tensors.at(static_cast<std::size_t>(id)); }
  TensorId add_tensor(Tensor tensor);

  // "operator 3 CONV_2D 'model/conv1'", for diagnostics.
  [[nodiscard]] std::string where(const Node& node) const;
  bool operator==(const Graph&) const = default;
};

}  // namespace mote
