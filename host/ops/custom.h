// An operator that a user brings, as data: what its description says of it. One set of functions infers and lowers all
// of them; to the rest of mote it is an operator like others.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/custom_expression.h"
#include "host/ops/op.h"

namespace mote {

struct CustomTensor {
  std::string name;
  DType type = DType::s8;
  std::optional<std::int64_t> rank;  // of an input; any where absent
  std::vector<std::string> shape;    // of an output: an expression per dimension
};

// A number that the model gives: under a flexbuffer's key, or at a byte of the options.
struct CustomOption {
  std::string name;
  std::optional<std::int64_t> at;  // of a little endian number; absent: a flexbuffer's key
  bool is_real = false;            // of a number at a byte: f32, else s32
  std::optional<double> fallback;  // absent: the model must give it
};

// A field of the kernel's parameter struct.
struct CustomParam {
  std::string name;
  std::string value;     // an expression over options, shapes and scales
  bool is_real = false;  // float, else std::int32_t
};

struct CustomOp {
  std::string name;         // of kernel, file, folder and layer: "separable_block"
  std::string tflite_name;  // "SeparableBlock"
  std::string params_type;  // "SeparableBlockParams"
  std::string header;       // the embedded files' path of what declares the kernel
  std::vector<CustomTensor> inputs, outputs;
  std::vector<CustomOption> options;
  std::vector<CustomParam> params;
  std::string scratch_bytes;            // an expression; empty: the kernel takes no scratch
  std::string macs;                     // an expression; empty: 0
  std::optional<std::size_t> in_place;  // the input whose memory output 0 may take
  KernelThunk thunk = nullptr;
};

// Makes it an operator. Errors: an operator or kernel of this name exists.
Result<OpKind> register_custom_op(CustomOp op);
[[nodiscard]] const CustomOp& custom_op_of(OpKind kind);
[[nodiscard]] const OpRow& custom_row(OpKind kind);

// The custom_options of a .tflite operator, as attributes of the node. Errors: damaged; an option is missing.
Status read_custom_options(std::span<const std::uint8_t> bytes, Node& node);

// Evaluates every expression of a description with 1 for whatever it may name. Errors: what none of them may say.
Status check_expressions(const CustomOp& op);

// Types and shapes of the outputs by the description's rules, whatever the graph states of them.
Result<std::vector<Inferred>> custom_outputs(const Graph& graph, const Node& node);

}  // namespace mote
