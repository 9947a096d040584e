// Everything the host knows about one operator, as one table row. host/ops/<name>.cc fills it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/kernel.h"

namespace mote {

// Options of an operator in a TFLite file, read by field id; absent fields give the fallback. The importer
// implements it, so that operators know the ids and nothing of flatbuffers.
class TfliteOptions {
 public:
  virtual ~TfliteOptions() = default;
  [[nodiscard]] virtual std::int64_t i32(int field, std::int64_t fallback) const = 0;
  [[nodiscard]] virtual std::int64_t i8(int field, std::int64_t fallback) const = 0;  // also enums and bools
  [[nodiscard]] virtual double f32(int field, double fallback) const = 0;
  [[nodiscard]] virtual std::vector<std::int64_t> i32_vector(int field) const = 0;
};

// The type and shape an operator gives one output.
struct Inferred {
  DType type;
  Shape shape;
};

// An option that only other runtimes need, for it follows from shapes.
struct TfliteDerived {
  int field = 0;
  std::int32_t value = 0;
  bool is_byte = false;
};

struct OpDef {
  // Options -> attributes. The node's inputs, outputs and the graph's tensors are already in place.
  Status (*from_tflite)(const TfliteOptions& options, const Graph& graph, Node& node);
  // Proves the node valid (ranks, types, quantisation, attribute ranges, accumulator bounds) and returns the type and
  // shape of every output. Never trusts anything but the verifier's structural checks: this is where hostile models
  // stop.
  Result<std::vector<Inferred>> (*infer)(const Graph& graph, const Node& node);
  // The kernel calls for a node that infer accepted.
  Result<Lowered> (*lower)(const Graph& graph, const Node& node, const IsaSet& isas);
  // Multiply-accumulates of one run, for reports; 0 where the word has no meaning.
  std::int64_t (*macs)(const Graph& graph, const Node& node);
  // For the exporter: options beside those that from_tflite reads; may be null.
  std::vector<TfliteDerived> (*derived_options)(const Graph& graph, const Node& node) = nullptr;
  // Inputs that the operator updates: variable tensors of a TFLite file. Each has an output more here, its next value,
  // behind the others and in this order.
  std::span<const int> variables = {};  // NOLINT(readability-redundant-member-init): GCC warns where it is left out
};

// The row of contract/ops/ops.def beside its implementation.
struct OpRow {
  std::string_view name;
  int min_inputs;
  int max_inputs;  // -1: any number
  int outputs;
  int tflite_code;
  std::string_view tflite_name;
  int tflite_max_version;
  std::string_view onnx_name;
  const OpDef* def;
  std::span<const KernelRow> (*kernels)();
};

[[nodiscard]] const OpRow& op_row(OpKind kind);
[[nodiscard]] std::span<const OpRow> all_ops();

}  // namespace mote
