// Layouts: a transpose of an ONNX graph changes how a value is seen, and bytes move only where an operator needs them
// in another sequence.
#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "host/base/printable.h"
#include "host/import/onnx_importer.h"
#include "host/ir/verify.h"
#include "host/ops/op.h"

namespace mote::onnx {
namespace {

// The dimensions in memory, without those of 1: they have no say in the sequence of elements.
Order sequence(const Shape& shape, const Order& order) {
  Order out;
  for (const std::size_t d : order) {
    if (shape[d] != 1) out.push_back(d);
  }
  return out;
}

}  // namespace

Order identity_order(std::size_t rank) {
  Order out(rank);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

Order channels_last_order(std::size_t rank) {
  Order out = identity_order(rank);
  if (rank > 2) std::rotate(out.begin() + 1, out.begin() + 2, out.end());
  return out;
}

Shape permuted(const Shape& shape, const Order& order) {
  Shape out;
  for (const std::size_t d : order) out.push_back(shape[d]);
  return out;
}

bool same_memory(const Shape& shape, const Order& a, const Order& b) {
  return sequence(shape, a) == sequence(shape, b);
}

Constant permuted(const Constant& in, const Order& order) {
  Constant out = in;
  out.shape = permuted(in.shape, order);
  if (same_memory(in.shape, order, identity_order(order.size()))) return out;
  const auto size = static_cast<std::size_t>(size_bytes(in.type));
  std::vector<std::int64_t> strides(in.shape.size(), 1);
  for (std::size_t d = in.shape.size(); d-- > 1;) strides[d - 1] = strides[d] * in.shape[d];
  std::vector<std::int64_t> index(order.size(), 0);
  std::int64_t from = 0;
  for (std::size_t to = 0; to < out.data.size(); to += size) {
    std::memcpy(&out.data[to], &in.data[static_cast<std::size_t>(from) * size], size);
    for (std::size_t k = order.size(); k-- > 0;) {
      from += strides[order[k]];
      if (++index[k] < out.shape[k]) break;
      from -= strides[order[k]] * out.shape[k];
      index[k] = 0;
    }
  }
  return out;
}

std::string Importer::fresh(const std::string& suffix) const { return printable(label_ + suffix, "unnamed"); }

Status Importer::charge(std::int64_t elements) {
  charged_ += elements;
  if (charged_ <= kMaxConstantBytes) return {};
  return Error{"brings the constants computed while reading beyond what any microcontroller holds", "",
               "use a smaller model"};
}

Value Importer::value_of(TensorId id, Order order, const Shape& shape) const {
  Value v;
  v.id = id;
  v.order = std::move(order);
  v.shape = v.base = shape;
  return v;
}

Value Importer::known(Constant constant) const {
  Value v;
  v.shape = v.base = constant.shape;
  v.order = identity_order(constant.shape.size());
  v.was_u8 = constant.type == DType::u8;
  v.constant = std::make_shared<const Constant>(std::move(constant));
  return v;
}

TensorId Importer::add_constant(const std::string& name, Constant constant, const Quant& quant) {
  Tensor t;
  t.name = name;
  t.type = constant.type;
  t.shape = std::move(constant.shape);
  t.quant = quant;
  t.is_constant = true;
  t.data = std::move(constant.data);
  return graph_.add_tensor(std::move(t));
}

TensorId Importer::add_integers(const std::string& name, const std::vector<std::int64_t>& values) {
  Constant c;
  c.type = DType::s32;
  c.shape = {static_cast<std::int64_t>(values.size())};
  for (const std::int64_t v : values) {
    const auto narrow = static_cast<std::int32_t>(v);  // positions within a shape: below 2^28
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&narrow);
    c.data.insert(c.data.end(), bytes, bytes + sizeof narrow);
  }
  return add_constant(name, std::move(c));
}

Result<std::vector<TensorId>> Importer::emit_many(std::string_view op, std::vector<TensorId> inputs,
                                                  std::size_t outputs, const QuantSpec* spec,
                                                  const Attributes& attributes) {
  const std::optional<OpKind> kind = op_from_name(op);
  if (!kind) {
    return Error{fmt::format("needs the operator {}, which this version of mote does not have", op), "",
                 "rebuild the model without it"};
  }
  Node node;
  node.kind = *kind;
  node.name = fresh("");
  node.source_index = index_;
  node.inputs = std::move(inputs);
  for (const auto& [name, value] : attributes) node.attrs.set(name, value);
  for (const TensorId id : node.inputs) {
    if (id != kNoTensor) ++uses_[id];
  }
  const Tensor& first = graph_.tensor(node.inputs.at(0));
  for (std::size_t i = 0; i < outputs; ++i) {
    Tensor t;
    t.name = fresh(outputs > 1 ? fmt::format("_{}", i) : "");
    t.type = spec != nullptr ? spec->type : first.type;
    if (spec != nullptr) t.quant = spec->quant;
    node.outputs.push_back(graph_.add_tensor(std::move(t)));
  }
  MOTE_LET(inferred, op_row(*kind).def->infer(graph_, node));
  for (std::size_t i = 0; i < outputs; ++i) {
    Tensor& t = graph_.tensor(node.outputs[i]);
    t.type = inferred.at(i).type;
    t.shape = inferred.at(i).shape;
    MOTE_TRY(check_shape(t.shape));
    producer_[node.outputs[i]] = graph_.nodes.size();
  }
  auto ids = node.outputs;
  graph_.nodes.push_back(std::move(node));
  return ids;
}

Result<TensorId> Importer::emit(std::string_view op, std::vector<TensorId> inputs, const QuantSpec* spec,
                                const Attributes& attributes, std::optional<DType> type) {
  QuantSpec other;
  if (type) {
    other.type = *type;
    spec = &other;
  }
  MOTE_LET(ids, emit_many(op, std::move(inputs), 1, spec, attributes));
  return ids[0];
}

Result<TensorId> Importer::reshape_tensor(TensorId id, const Shape& shape) {
  if (graph_.tensor(id).shape == shape) return id;
  const Tensor& t = graph_.tensor(id);
  const QuantSpec same = {t.type, false, t.quant};
  return emit("reshape", {id}, &same, {{"new_shape", shape}});
}

Status Importer::settle(Value& v) {
  if (v.known() || v.base == v.shape) return {};
  MOTE_LET(id, in_order(value_of(v.id, v.order, v.base), identity_order(v.base.size())));
  MOTE_LET(moved, reshape_tensor(id, v.shape));
  v.id = moved;
  v.order = identity_order(v.shape.size());
  v.base = v.shape;
  return {};
}

Result<TensorId> Importer::in_order(Value v, const Order& order) {
  if (v.known()) {
    MOTE_TRY(charge(v.constant->count()));
    Quant quant = v.real ? v.spec.quant : Quant();
    if (quant.per_channel()) {
      const auto at = std::find(order.begin(), order.end(), static_cast<std::size_t>(quant.axis));
      quant.axis = static_cast<std::int32_t>(at - order.begin());
    }
    return add_constant(fresh("/constant"), permuted(*v.constant, order), quant);
  }
  MOTE_TRY(settle(v));
  if (v.order == order) return v.id;
  if (same_memory(v.shape, v.order, order)) return reshape_tensor(v.id, permuted(v.shape, order));
  const auto key = std::pair{v.id, order};
  if (const auto at = moved_.find(key); at != moved_.end()) return at->second;
  std::vector<std::int64_t> permutation;
  for (const std::size_t d : order) {
    permutation.push_back(std::find(v.order.begin(), v.order.end(), d) - v.order.begin());
  }
  const Tensor& t = graph_.tensor(v.id);
  const QuantSpec same = {t.type, false, t.quant};
  const TensorId axes = add_integers(fresh("/permutation"), permutation);
  MOTE_LET(id, emit("transpose", {v.id, axes}, &same));
  moved_[key] = id;
  return id;
}

Result<Value> Importer::transposed(const Value& value, const Order& permutation) {
  Value v = value;
  v.shape = permuted(value.shape, permutation);
  if (v.known()) {
    MOTE_TRY(charge(v.constant->count()));
    v.constant = std::make_shared<const Constant>(permuted(*v.constant, permutation));
    v.base = v.shape;
    v.order = identity_order(v.shape.size());
    if (v.spec.quant.per_channel()) {
      const auto axis = static_cast<std::size_t>(v.spec.quant.axis);
      v.spec.quant.axis =
          static_cast<std::int32_t>(std::find(permutation.begin(), permutation.end(), axis) - permutation.begin());
    }
    return v;
  }
  MOTE_TRY(settle(v = value));
  v.shape = v.base = permuted(value.shape, permutation);
  for (std::size_t& d : v.order) {
    d = static_cast<std::size_t>(std::find(permutation.begin(), permutation.end(), d) - permutation.begin());
  }
  return v;
}

// A reshape is free where every group of old dimensions that become a group of new ones lies together and in sequence
// in memory; else it is owed until somebody wants the value: a fully connected layer permutes its weights instead.
Result<Value> Importer::reshaped(const Value& value, const Shape& shape) {
  Value v = value;
  if (v.known()) {
    if (v.spec.quant.per_channel() && shape != v.shape) {
      return Error{"reshapes constants that are quantised per channel", "", "quantise after the reshape"};
    }
    Constant c = *v.constant;
    c.shape = shape;
    MOTE_TRY(charge(c.count()));
    Value out = known(std::move(c));
    out.spec = v.spec;
    out.real = v.real;
    out.was_u8 = v.was_u8;
    return out;
  }
  if (v.base != v.shape) {
    v.shape = shape;
    if (shape == v.base) return v;
    return v;
  }
  const Order memory = sequence(v.shape, v.order);
  Order old_dims, new_dims;
  for (std::size_t d = 0; d < v.shape.size(); ++d) {
    if (v.shape[d] != 1) old_dims.push_back(d);
  }
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] != 1) new_dims.push_back(d);
  }
  // Groups of old dimensions and the new ones with the same product, both in ONNX's sequence.
  std::map<std::size_t, Order> becomes;  // first old dimension of a group -> new dimensions
  std::size_t i = 0;
  std::size_t k = 0;
  bool free = true;
  while (free && i < old_dims.size()) {
    const std::size_t first = i;
    const std::size_t first_new = k;
    std::int64_t before = v.shape[old_dims[i++]];
    std::int64_t after = shape[new_dims[k++]];
    while (before != after) {
      if (before < after) {
        before *= v.shape[old_dims[i++]];
      } else {
        after *= shape[new_dims[k++]];
      }
    }
    const auto at = std::find(memory.begin(), memory.end(), old_dims[first]);
    for (std::size_t g = first; g < i && free; ++g) {
      const auto step = at + static_cast<std::ptrdiff_t>(g - first);
      free = step < memory.end() && *step == old_dims[g];
    }
    becomes[old_dims[first]] = Order(new_dims.begin() + static_cast<std::ptrdiff_t>(first_new),
                                     new_dims.begin() + static_cast<std::ptrdiff_t>(k));
  }
  v.shape = shape;
  if (!free) return v;
  Order order;
  for (const std::size_t d : memory) {
    if (const auto at = becomes.find(d); at != becomes.end()) {
      order.insert(order.end(), at->second.begin(), at->second.end());
    }
  }
  // Dimensions of 1 go where they make the layout an ordinary one.
  const auto fits = [&](const Order& whole) { return sequence(shape, whole) == order; };
  Order chosen = identity_order(shape.size());
  if (!fits(chosen)) chosen = channels_last_order(shape.size());
  if (!fits(chosen)) {
    chosen.clear();
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] == 1) chosen.push_back(d);
    }
    chosen.insert(chosen.end(), order.begin(), order.end());
  }
  v.base = shape;
  v.order = chosen;
  MOTE_LET(id, reshape_tensor(v.id, permuted(shape, chosen)));
  v.id = id;
  return v;
}

}  // namespace mote::onnx
