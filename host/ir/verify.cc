// Structural checks over the whole graph; the first violation is reported.
#include "host/ir/verify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "host/ir/custom_ops.h"

namespace mote {
namespace {

struct Arity {
  std::string_view name;
  int min_inputs;
  int max_inputs;  // -1: any number
  int outputs;     // -1: any number
};

constexpr std::array kArity = {
#define MOTE_OP(name, min_inputs, max_inputs, outputs, ...) Arity{#name, min_inputs, max_inputs, outputs},
#include "contract/ops/ops.def"
#undef MOTE_OP
};

constexpr const char* kExportAgain = "the file is damaged or its exporter is at fault; export the model again";

// Where a tensor's value comes from. Nodes count from 0.
constexpr std::int64_t kNowhere = -1;
constexpr std::int64_t kFromOutside = -2;  // a graph input or a constant

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : g_(graph) {}

  Status run() {
    MOTE_TRY(tensors());
    MOTE_TRY(inputs());
    MOTE_TRY(producers());
    MOTE_TRY(order());
    MOTE_TRY(outputs());
    return states();
  }

 private:
  [[nodiscard]] bool exists(TensorId id) const { return id >= 0 && static_cast<std::size_t>(id) < g_.tensors.size(); }
  [[nodiscard]] std::string tensor_name(TensorId id) const { return "tensor '" + g_.tensor(id).name + "'"; }
  [[nodiscard]] std::string place(TensorId id) const { return g_.source + ": " + tensor_name(id); }
  [[nodiscard]] std::string place(const Node& node) const { return g_.source + ": " + g_.where(node); }

  Status quantisation(const Tensor& t) const {
    const Quant& q = t.quant;
    if (q.zero_point.size() != q.scale.size()) {
      return Error{fmt::format("has {} scales but {} zero points", q.scale.size(), q.zero_point.size()), "",
                   kExportAgain};
    }
    for (const float s : q.scale) {
      // Denormal scales have no finite inverse, which operators multiply by.
      if (!std::isnormal(s) || s < 0.0F) {
        return Error{fmt::format("has the scale {}", s), "",
                     "a scale is finite and above 1.2e-38; quantise the model again"};
      }
    }
    const auto [low, high] = [&]() -> std::pair<std::int32_t, std::int32_t> {
      switch (t.type) {
        case DType::s8: return {-128, 127};
        case DType::u8: return {0, 255};
        case DType::s16: return {-32768, 32767};
        default: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
      }
    }();
    for (const std::int32_t z : q.zero_point) {
      if (z < low || z > high) {
        return Error{fmt::format("has the zero point {}, outside {}..{} of its type {}", z, low, high, name_of(t.type)),
                     "", "quantise the model again"};
      }
    }
    if (!q.per_channel()) return {};
    if (q.axis < 0 || static_cast<std::size_t>(q.axis) >= t.shape.size()) {
      return Error{fmt::format("is quantised along axis {} of its shape {}", q.axis, text_of(t.shape)), "",
                   kExportAgain};
    }
    if (static_cast<std::int64_t>(q.scale.size()) != t.shape[static_cast<std::size_t>(q.axis)]) {
      return Error{
          fmt::format("has {} scales for the axis {} of its shape {}", q.scale.size(), q.axis, text_of(t.shape)), "",
          kExportAgain};
    }
    return {};
  }

  static Status content(const Tensor& t) {
    if (!t.is_constant) {
      if (t.data.empty()) return {};
      return Error{"has data but is not constant", "", ""};
    }
    if (static_cast<std::int64_t>(t.data.size()) != t.size_bytes()) {
      return Error{fmt::format("is a constant {}{} of {} bytes, but {} are given", name_of(t.type), text_of(t.shape),
                               t.size_bytes(), t.data.size()),
                   "", kExportAgain};
    }
    if (t.type == DType::boolean && std::any_of(t.data.begin(), t.data.end(), [](std::uint8_t b) { return b > 1; })) {
      return Error{"is a constant of booleans with a value other than 0 and 1", "", kExportAgain};
    }
    return {};
  }

  Status tensors() {
    std::int64_t constant_bytes = 0;
    std::int64_t activation_bytes = 0;
    if (g_.tensors.size() > static_cast<std::size_t>(std::numeric_limits<TensorId>::max())) {
      return Error{fmt::format("has {} tensors", g_.tensors.size()), g_.source, ""};
    }
    for (std::size_t i = 0; i < g_.tensors.size(); ++i) {
      const Tensor& t = g_.tensors[i];
      const auto id = static_cast<TensorId>(i);
      if (Status s = check_shape(t.shape); !s.ok()) return std::move(s).error().in(place(id));
      if (Status s = quantisation(t); !s.ok()) return std::move(s).error().in(place(id));
      if (Status s = content(t); !s.ok()) return std::move(s).error().in(place(id));
      // Each size is below 2^31, and both sums stop at their limit: no overflow.
      std::int64_t& sum = t.is_constant ? constant_bytes : activation_bytes;
      const std::int64_t limit = t.is_constant ? kMaxConstantBytes : kMaxActivationBytes;
      sum += t.size_bytes();
      if (sum > limit) {
        return Error{fmt::format("brings all {} to more than the {} bytes accepted",
                                 t.is_constant ? "constants" : "activations", limit),
                     place(id), "use a smaller model; this one fits no microcontroller"};
      }
    }
    return {};
  }

  Status inputs() {
    producer_.assign(g_.tensors.size(), kNowhere);
    if (g_.inputs.empty()) return Error{"has no inputs", g_.source, kExportAgain};
    if (g_.outputs.empty()) return Error{"has no outputs", g_.source, kExportAgain};
    for (const TensorId id : g_.inputs) {
      if (!exists(id))
        return Error{fmt::format("names tensor {} as an input, but has {}", id, g_.tensors.size()), g_.source,
                     kExportAgain};
      if (g_.tensor(id).is_constant) return Error{"is an input of the model and constant", place(id), kExportAgain};
      if (from(id) == kFromOutside) return Error{"is listed twice as an input of the model", place(id), kExportAgain};
      from(id) = kFromOutside;
    }
    for (const State& state : g_.states) {
      const std::string where = g_.source + ": state '" + state.name + "'";
      if (!exists(state.in) || !exists(state.out))
        return Error{"names a tensor that is not there", where, kExportAgain};
      if (g_.tensor(state.in).is_constant) return Error{"is constant", place(state.in), kExportAgain};
      if (from(state.in) == kFromOutside)
        return Error{"is given twice: as a state and otherwise", place(state.in), kExportAgain};
      from(state.in) = kFromOutside;
    }
    for (std::size_t i = 0; i < g_.tensors.size(); ++i) {
      if (g_.tensors[i].is_constant) producer_[i] = kFromOutside;
    }
    return {};
  }

  Status arity(const Node& node) const {
    const CustomOpName* custom = custom_op(node.kind);
    const Arity a = custom == nullptr ? kArity.at(static_cast<std::size_t>(node.kind))
                                      : Arity{custom->name, custom->inputs, custom->inputs, custom->outputs};
    const char* fix =
        custom == nullptr ? kExportAgain : "mend 'inputs' or 'outputs' in its operator.toml, or the model";
    const auto inputs = static_cast<int>(std::min<std::size_t>(node.inputs.size(), std::numeric_limits<int>::max()));
    if (inputs < a.min_inputs || (a.max_inputs >= 0 && inputs > a.max_inputs)) {
      const std::string wanted = a.max_inputs < 0               ? fmt::format("at least {}", a.min_inputs)
                                 : a.max_inputs == a.min_inputs ? fmt::format("{}", a.min_inputs)
                                                                : fmt::format("{} to {}", a.min_inputs, a.max_inputs);
      return Error{fmt::format("has {} inputs where it takes {}", inputs, wanted), "", fix};
    }
    if (node.outputs.empty() || (a.outputs >= 0 && node.outputs.size() != static_cast<std::size_t>(a.outputs))) {
      return Error{fmt::format("has {} outputs where it gives {}", node.outputs.size(),
                               a.outputs < 0 ? std::string("at least 1") : std::to_string(a.outputs)),
                   "", fix};
    }
    return {};
  }

  Status producers() {
    for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
      const Node& node = g_.nodes[n];
      if (static_cast<std::size_t>(node.kind) >= kArity.size() && !is_custom_op(node.kind)) {
        return Error{fmt::format("node {} has the unknown kind {}", n, static_cast<int>(node.kind)), g_.source, ""};
      }
      if (Status s = arity(node); !s.ok()) return std::move(s).error().in(place(node));
      for (const TensorId id : node.outputs) {
        if (!exists(id))
          return Error{fmt::format("writes tensor {}, but there are {}", id, g_.tensors.size()), place(node),
                       kExportAgain};
        const std::int64_t earlier = from(id);
        if (earlier == kFromOutside) {
          return Error{g_.tensor(id).is_constant ? "is constant, but the operator writes it"
                                                 : "is an input of the model, but the operator writes it",
                       place(node) + ": " + tensor_name(id), kExportAgain};
        }
        if (earlier != kNowhere) {
          return Error{fmt::format("is already written by {}", g_.where(g_.nodes[static_cast<std::size_t>(earlier)])),
                       place(node) + ": " + tensor_name(id), kExportAgain};
        }
        from(id) = static_cast<std::int64_t>(n);
      }
    }
    return {};
  }

  Status order() {
    for (std::size_t n = 0; n < g_.nodes.size(); ++n) {
      const Node& node = g_.nodes[n];
      const Arity& a = kArity[static_cast<std::size_t>(node.kind)];
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const TensorId id = node.inputs[i];
        if (id == kNoTensor) {
          // In a list of any length every one counts.
          if (a.max_inputs >= 0 && i >= static_cast<std::size_t>(a.min_inputs)) continue;
          return Error{fmt::format("lacks its input {}, which is not optional", i), place(node), kExportAgain};
        }
        if (!exists(id))
          return Error{fmt::format("reads tensor {}, but there are {}", id, g_.tensors.size()), place(node),
                       kExportAgain};
        const std::int64_t producer = from(id);
        if (producer == kFromOutside || (producer != kNowhere && producer < static_cast<std::int64_t>(n))) continue;
        const std::string what =
            producer == kNowhere
                ? "is read, but it is neither an input, nor a constant with data, nor written by any operator"
                : fmt::format("is read before {} writes it: the operators form a cycle or are out of order",
                              g_.where(g_.nodes[static_cast<std::size_t>(producer)]));
        return Error{what, place(node) + ": " + tensor_name(id), kExportAgain};
      }
    }
    return {};
  }

  Status outputs() {
    std::vector<bool> seen(g_.tensors.size(), false);
    for (const TensorId id : g_.outputs) {
      if (!exists(id))
        return Error{fmt::format("names tensor {} as an output, but has {}", id, g_.tensors.size()), g_.source,
                     kExportAgain};
      if (g_.tensor(id).is_constant)
        return Error{"is an output of the model and constant", place(id), "remove the output; its value is known"};
      if (from(id) == kNowhere)
        return Error{"is an output of the model, but no operator writes it", place(id), kExportAgain};
      if (seen[static_cast<std::size_t>(id)])
        return Error{"is listed twice as an output of the model", place(id), "export each output once"};
      seen[static_cast<std::size_t>(id)] = true;
    }
    return {};
  }

  Status states() {
    for (const State& state : g_.states) {
      const std::string where = g_.source + ": state '" + state.name + "'";
      const Tensor& in = g_.tensor(state.in);
      const Tensor& out = g_.tensor(state.out);
      if (in.type != out.type || in.shape != out.shape) {
        return Error{fmt::format("is read as {}{} but assigned {}{}", name_of(in.type), text_of(in.shape),
                                 name_of(out.type), text_of(out.shape)),
                     where, kExportAgain};
      }
      if (static_cast<std::int64_t>(state.initial.size()) != in.size_bytes()) {
        return Error{fmt::format("takes {} bytes, but its initial value has {}", in.size_bytes(), state.initial.size()),
                     where, kExportAgain};
      }
      if (from(state.out) == kNowhere)
        return Error{"is assigned a tensor that no operator writes", where, kExportAgain};
    }
    return {};
  }

  std::int64_t& from(TensorId id) { return producer_[static_cast<std::size_t>(id)]; }

  const Graph& g_;
  std::vector<std::int64_t> producer_;  // per tensor: its node, kNowhere or kFromOutside
};

}  // namespace

Status check_shape(const Shape& shape) {
  if (shape.size() > kMaxRank) {
    return Error{fmt::format("has {} dimensions, at most {} are supported", shape.size(), kMaxRank), "", ""};
  }
  std::int64_t n = 1;
  for (const std::int64_t d : shape) {
    if (d < 1) {
      return Error{fmt::format("has the shape {} with a dimension below 1", text_of(shape)), "",
                   "export the model with static shapes and batch 1"};
    }
    // n <= 2^28 here, so the division is exact where the product would overflow.
    if (d > kMaxElements / n) {
      return Error{fmt::format("has the shape {}, more than the {} elements accepted", text_of(shape), kMaxElements),
                   "", "use a smaller model; this one fits no microcontroller"};
    }
    n *= d;
  }
  return {};
}

Status verify_structure(const Graph& graph) { return Verifier(graph).run(); }

}  // namespace mote
