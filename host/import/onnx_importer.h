// The importer's own view of an ONNX graph: values with their layout and quantisation, and what operators are told.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.h"
#include "host/import/onnx.h"
#include "host/import/onnx_file.h"
#include "host/ir/graph.h"

namespace mote::onnx {

// Dimension k of the graph's tensor is dimension order[k] of the ONNX value.
using Order = std::vector<std::size_t>;
[[nodiscard]] Order identity_order(std::size_t rank);
// [N, ..., C] for a value [N, C, ...].
[[nodiscard]] Order channels_last_order(std::size_t rank);
[[nodiscard]] Shape permuted(const Shape& shape, const Order& order);
// Whether both orders give the same sequence of elements, since only dimensions of 1 move.
[[nodiscard]] bool same_memory(const Shape& shape, const Order& a, const Order& b);
[[nodiscard]] Constant permuted(const Constant& constant, const Order& order);

// How QuantizeLinear, DequantizeLinear and the QLinear operators say a quantisation.
struct QuantSpec {
  DType type = DType::s8;  // s8 (also where the file says uint8: shifted by 128), s16 or s32
  bool was_u8 = false;
  Quant quant;
  bool operator==(const QuantSpec&) const = default;
};

struct Value {
  Shape shape;           // as ONNX states it
  ConstantPtr constant;  // known values; else `id` is a tensor of the graph
  TensorId id = kNoTensor;
  Order order;             // of the tensor, over the dimensions of `base`
  Shape base;              // ONNX's shape of what the tensor holds; other than `shape` where a reshape is still owed
  QuantSpec spec;          // of integers that stand for real numbers, or will
  bool real = false;       // stands for the real numbers: what DequantizeLinear gives
  bool was_u8 = false;     // ONNX's type is uint8, the tensor's int8
  std::string activation;  // of ONNX nodes to come that the tensor has applied already

  [[nodiscard]] bool known() const { return constant != nullptr; }
};

// What lies ahead of an operator's output.
struct Target {
  std::optional<QuantSpec> spec;    // set: all that is read of it is quantised so
  std::string activation = "none";  // fused on the way there
};

// One ONNX node with its operands resolved; absent optional ones have neither constant nor id.
struct Call {
  const NodeProto* node = nullptr;
  std::vector<Value> in;
  std::string output;  // name of the first

  [[nodiscard]] bool has(std::size_t i) const { return i < in.size() && (in[i].known() || in[i].id != kNoTensor); }
  [[nodiscard]] const Attribute* attribute(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  [[nodiscard]] float real(std::string_view name, float fallback) const;
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name) const;
};

using Attributes = std::vector<std::pair<std::string, AttrValue>>;

// A window over height and width as the operators take it; one dimension is a picture of height 1.
struct Window2d {
  Attributes attributes;
  bool padded = false;
  std::vector<std::int64_t> pads;  // top, bottom, left, right
};

class Importer {
 public:
  Importer(const ModelProto& model, const std::string& source, const OnnxOptions& options);
  Result<Graph> run();

 private:
  using Values = std::vector<Value>;
  using Handler = Result<Values> (Importer::*)(Call&);

  // onnx.cc: the walk over the file.
  Status check_model();
  Status inputs();
  Status initializers();
  Status nodes();
  Status outputs();
  Result<Shape> input_shape(const Port& port) const;
  [[nodiscard]] bool wants_channels_last(const std::string& name) const;
  static const std::map<std::string, Handler, std::less<>>& handlers();

  // onnx_layout.cc: tensors, layouts, constants.
  Result<TensorId> emit(std::string_view op, std::vector<TensorId> inputs, const QuantSpec* spec,
                        const Attributes& attributes = {}, std::optional<DType> type = {});
  Result<std::vector<TensorId>> emit_many(std::string_view op, std::vector<TensorId> inputs, std::size_t outputs,
                                          const QuantSpec* spec, const Attributes& attributes);
  TensorId add_constant(const std::string& name, Constant constant, const Quant& quant = {});
  TensorId add_integers(const std::string& name, const std::vector<std::int64_t>& values);
  [[nodiscard]] Value value_of(TensorId id, Order order, const Shape& shape) const;
  [[nodiscard]] Value known(Constant constant) const;
  Status settle(Value& value);                                 // carries out a reshape that is still owed
  Result<TensorId> in_order(Value value, const Order& order);  // the tensor in that layout, moved if it must be
  Result<Value> reshaped(const Value& value, const Shape& shape);
  Result<TensorId> reshape_tensor(TensorId id, const Shape& shape);
  Result<Value> transposed(const Value& value, const Order& permutation);
  Status charge(std::int64_t elements);  // of constants made while reading; bounds the work of hostile files

  // onnx_quantize.cc: real numbers and their integers.
  Result<Values> quantize_linear(Call& call);
  Result<Values> dequantize_linear(Call& call);
  Result<Values> qlinear(Call& call);
  Result<QuantSpec> spec_of(const Value& scale, const Value* zero_point, std::int64_t axis, DType fallback,
                            const Shape& shape) const;
  [[nodiscard]] std::optional<QuantSpec> quantizer_spec(const NodeProto& node) const;
  [[nodiscard]] Target target_of(const Call& call, bool activations) const;
  Result<Value> dequantized(Value value, const QuantSpec& spec);
  Result<Value> quantized(Value value, const QuantSpec& spec);
  Result<Value> as_real(Value value);  // float tensor or constant
  [[nodiscard]] QuantSpec spec_of(const Value& value) const;
  [[nodiscard]] bool is_quantized(const Value& value) const;  // integers that stand for real numbers

  // onnx_weights.cc: operators with weights.
  Result<Values> conv(Call& call);
  Result<Values> gemm(Call& call);
  Result<Values> matmul(Call& call);
  Result<Values> batch_normalization(Call& call);
  Result<Value> dense(Call& call, Value x, Value w, const Value* bias, float alpha, float beta);
  Result<TensorId> bias_tensor(const Value& bias, const QuantSpec& in, const Quant& weights, std::int64_t channels,
                               float beta);
  Result<Window2d> window(const Call& call, const Shape& in, const Shape& kernel) const;

  // onnx_ops.cc: everything else.
  Result<Values> alias(Call& call);
  Result<Values> unary(Call& call);
  Result<Values> clip(Call& call);
  Result<Values> hard_sigmoid(Call& call);
  Result<Values> binary(Call& call);
  Result<Values> softmax(Call& call);
  Result<Values> pool(Call& call);
  Result<Values> reduce_mean(Call& call);
  Result<Values> concat(Call& call);
  Result<Values> split(Call& call);
  Result<Values> slice(Call& call);
  Result<Values> pad(Call& call);
  Result<Values> reshape(Call& call);
  Result<Values> transpose(Call& call);
  Result<Values> gather(Call& call);
  Result<Values> arg_max(Call& call);
  Result<Value> apply_unary(Call& call, std::string_view op, const Attributes& attributes, const Target& target);
  Result<Value> apply_mean(Value x, const std::vector<std::size_t>& axes, bool keep, const Target& target);
  Result<Value> apply_binary(std::string_view op, Value a, Value b, const Target& target);
  Result<Value> apply_window(const Value& x, const Shape& begin, const Shape& extent, const Shape& step);

  // onnx_fold.cc: what is known while reading.
  Result<Values> constant(Call& call);
  Result<Values> shape(Call& call);
  Result<Values> cast(Call& call);
  Result<Values> constant_of_shape(Call& call);
  Result<Values> range(Call& call);
  Result<Values> folded_only(Call& call);
  Result<std::optional<Value>> fold(const Call& call);  // nothing where not all operands are known

  Result<std::vector<std::int64_t>> integers_of(const Call& call, std::size_t input, std::string_view what) const;
  // Attribute up to an opset, operand since; nothing where neither is given.
  Result<std::optional<std::vector<std::int64_t>>> either(const Call& call, std::string_view attribute,
                                                          std::size_t input) const;
  Result<std::size_t> axis_of(std::int64_t axis, std::size_t rank) const;
  [[nodiscard]] std::string fresh(const std::string& suffix) const;

  const ModelProto& model_;
  const OnnxOptions& options_;
  ExternalData external_;
  std::int64_t opset_ = 0;
  Graph graph_;
  std::map<std::string, Value> values_;
  std::map<std::string, std::vector<const NodeProto*>> readers_;
  std::set<std::string> outputs_;
  std::map<std::pair<TensorId, Order>, TensorId> moved_;  // layouts that were made already
  std::map<TensorId, TensorId> real_;                     // dequantised tensors
  std::map<TensorId, std::size_t> producer_;              // node of the graph that writes a tensor
  std::map<TensorId, std::size_t> uses_;
  std::map<TensorId, std::string> named_;  // the ONNX value that a tensor was made for
  std::optional<QuantSpec> forced_;        // what a QLinear operator says of its output
  std::int64_t charged_ = 0;
  std::string label_;  // of the node at hand: names what it makes
  std::int32_t index_ = -1;
};

// Refusals that read alike.
[[nodiscard]] Error not_static(std::string_view what);

}  // namespace mote::onnx
