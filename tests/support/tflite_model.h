// Writes small TFLite files for tests, sound or broken on purpose: every field can be set to anything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "generated/tflite_generated.h"

namespace mote::testing {

struct TensorSpec {
  std::string name = {};
  std::vector<std::int32_t> shape = {};
  tflite::TensorType type = tflite::TensorType::INT8;
  std::vector<float> scale = {};
  std::vector<std::int64_t> zero_point = {};
  std::int32_t axis = 0;
  std::vector<std::uint8_t> data = {};  // not empty: a constant
  std::vector<std::int32_t> shape_signature = {};
  bool is_variable = false;
  bool is_sparse = false;
  std::uint8_t details_type = 0;
  std::int64_t buffer = -1;                            // >= 0: this buffer number instead of the tensor's own
  std::uint64_t outside_offset = 0, outside_size = 0;  // the buffer's place outside the flatbuffer
};

// An options field: its id and its value as a byte, word, float or vector.
struct OptionSpec {
  int field = 0;
  enum class Kind : std::uint8_t { i8, i32, f32, i32_vector } kind = Kind::i8;
  std::int32_t integer = 0;
  float real = 0.0F;
  std::vector<std::int32_t> integers = {};
};

struct OperatorSpec {
  std::uint32_t opcode_index = 0;
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  std::vector<OptionSpec> options;
};

struct CodeSpec {
  std::int32_t builtin = 0;
  std::int32_t version = 1;
  std::string custom;
  std::int8_t deprecated = 0;
};

struct ModelSpec {
  std::vector<TensorSpec> tensors;
  std::vector<CodeSpec> codes;
  std::vector<OperatorSpec> operators;
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  std::uint32_t version = 3;
  int subgraphs = 1;
};

inline std::vector<std::uint8_t> write_tflite(const ModelSpec& spec) {
  flatbuffers::FlatBufferBuilder b;
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers = {tflite::CreateBuffer(b)};
  std::vector<flatbuffers::Offset<tflite::Tensor>> tensors;
  for (const TensorSpec& t : spec.tensors) {
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> data;
    if (!t.data.empty()) {
      b.ForceVectorAlignment(t.data.size(), 1, 16);
      data = b.CreateVector(t.data);
    }
    buffers.push_back(tflite::CreateBuffer(b, data, t.outside_offset, t.outside_size));
    flatbuffers::Offset<tflite::QuantizationParameters> quantization;
    if (!t.scale.empty() || !t.zero_point.empty() || t.details_type != 0) {
      const auto scale = b.CreateVector(t.scale);
      const auto zero_point = b.CreateVector(t.zero_point);
      quantization = tflite::CreateQuantizationParameters(b, 0, 0, scale, zero_point, t.details_type, 0, t.axis);
    }
    const auto name = b.CreateString(t.name);
    const auto shape = b.CreateVector(t.shape);
    const auto sparsity = t.is_sparse ? tflite::CreateOpaque(b) : flatbuffers::Offset<tflite::Opaque>();
    const auto signature = t.shape_signature.empty() ? flatbuffers::Offset<flatbuffers::Vector<std::int32_t>>()
                                                     : b.CreateVector(t.shape_signature);
    const auto buffer =
        static_cast<std::uint32_t>(t.buffer >= 0 ? t.buffer : static_cast<std::int64_t>(tensors.size() + 1));
    tensors.push_back(
        tflite::CreateTensor(b, shape, t.type, buffer, name, quantization, t.is_variable, sparsity, signature));
  }
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes;
  for (const CodeSpec& c : spec.codes) {
    const auto custom = c.custom.empty() ? flatbuffers::Offset<flatbuffers::String>() : b.CreateString(c.custom);
    codes.push_back(tflite::CreateOperatorCode(b, c.deprecated, custom, c.version, c.builtin));
  }
  std::vector<flatbuffers::Offset<tflite::Operator>> operators;
  for (const OperatorSpec& o : spec.operators) {
    std::vector<flatbuffers::Offset<flatbuffers::Vector<std::int32_t>>> vectors;
    for (const OptionSpec& f : o.options) vectors.push_back(b.CreateVector(f.integers));
    const auto table = b.StartTable();
    for (std::size_t i = 0; i < o.options.size(); ++i) {
      const OptionSpec& f = o.options[i];
      const auto slot = static_cast<flatbuffers::voffset_t>(4 + 2 * f.field);
      switch (f.kind) {
        case OptionSpec::Kind::i8: b.AddElement<std::int8_t>(slot, static_cast<std::int8_t>(f.integer)); break;
        case OptionSpec::Kind::i32: b.AddElement<std::int32_t>(slot, f.integer); break;
        case OptionSpec::Kind::f32: b.AddElement<float>(slot, f.real); break;
        case OptionSpec::Kind::i32_vector: b.AddOffset(slot, vectors[i]); break;
      }
    }
    const flatbuffers::Offset<tflite::Opaque> options(b.EndTable(table));
    const auto inputs = b.CreateVector(o.inputs);
    const auto outputs = b.CreateVector(o.outputs);
    operators.push_back(tflite::CreateOperator(b, o.opcode_index, inputs, outputs, 1, options));
  }
  const auto all_tensors = b.CreateVector(tensors);
  const auto all_inputs = b.CreateVector(spec.inputs);
  const auto all_outputs = b.CreateVector(spec.outputs);
  const auto all_operators = b.CreateVector(operators);
  const auto subgraph = tflite::CreateSubGraph(b, all_tensors, all_inputs, all_outputs, all_operators);
  const auto subgraphs = b.CreateVector(std::vector(static_cast<std::size_t>(spec.subgraphs), subgraph));
  const auto all_codes = b.CreateVector(codes);
  const auto all_buffers = b.CreateVector(buffers);
  b.Finish(tflite::CreateModel(b, spec.version, all_codes, subgraphs, 0, all_buffers), "TFL3");
  return {b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize()};
}

// A sound model: one 1x1 int8 convolution of a 1x2x2x1 image to one channel, with stride 1, bias and ReLU.
// Tensors: 0 input "x", 1 weights "k", 2 bias "b", 3 output "y".
inline ModelSpec small_conv() {
  ModelSpec m;
  m.codes = {{3, 1, "", 3}};
  m.tensors = {{.name = "x", .shape = {1, 2, 2, 1}, .scale = {0.5F}, .zero_point = {-1}},
               {.name = "k", .shape = {1, 1, 1, 1}, .scale = {0.25F}, .zero_point = {0}, .data = {64}},
               {.name = "b",
                .shape = {1},
                .type = tflite::TensorType::INT32,
                .scale = {0.125F},
                .zero_point = {0},
                .data = {8, 0, 0, 0}},
               {.name = "y", .shape = {1, 2, 2, 1}, .scale = {1.0F}, .zero_point = {3}}};
  using Kind = OptionSpec::Kind;
  m.operators = {{0, {0, 1, 2}, {3}, {{0, Kind::i8, 1}, {1, Kind::i32, 1}, {2, Kind::i32, 1}, {3, Kind::i8, 1}}}};
  m.inputs = {0};
  m.outputs = {3};
  return m;
}

}  // namespace mote::testing
