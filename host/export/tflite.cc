// Writes the container with the same subset of the schema that the importer reads.
#include "host/export/tflite.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "generated/tflite_generated.h"
#include "host/export/tflite_options.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"

namespace mote {
namespace {

namespace fb = mote::tflite;

constexpr std::size_t kDataAlignment = 16;  // what runtimes assume that read weights in place

fb::TensorType type_of(DType type) {
  switch (type) {
    case DType::f32: return fb::TensorType::FLOAT32;
    case DType::s8: return fb::TensorType::INT8;
    case DType::u8: return fb::TensorType::UINT8;
    case DType::s16: return fb::TensorType::INT16;
    case DType::s32: return fb::TensorType::INT32;
    case DType::s64: return fb::TensorType::INT64;
    case DType::boolean: return fb::TensorType::BOOL;
  }
  return fb::TensorType::FLOAT32;  // unreachable: all enumerators are handled
}

// The version in which an operator learned what the node needs, so that older runtimes accept it. Source: the
// version history of TFLite's operators.
std::int32_t version_of(const Graph& graph, const Node& node, const OpRow& row) {
  const auto is = [&](DType type) {
    return std::ranges::any_of(node.inputs,
                               [&](TensorId id) { return id != kNoTensor && graph.tensor(id).type == type; });
  };
  if (is(DType::s16)) return row.tflite_max_version;
  int version = 1;
  if (is(DType::s8))
    version = node.kind == OpKind::fully_connected                                     ? 4
              : node.kind == OpKind::conv_2d || node.kind == OpKind::depthwise_conv_2d ? 3
                                                                                       : 2;
  if (node.attrs.integer("keep_num_dims", 0) != 0) version = 5;
  return std::min(version, row.tflite_max_version);
}

class Exporter {
 public:
  Exporter(const Graph& graph, const TfliteExport& options) : graph_(graph), options_(options) {}

  Result<std::vector<std::uint8_t>> run() {
    if (!graph_.states.empty()) {
      return Error{"has state that goes on from run to run, which is not written yet",
                   fmt::format("{}: state '{}'", graph_.source, graph_.states[0].name),
                   "keep the file that the model came from, or its text form (.mir)"};
    }
    buffers_.push_back(fb::CreateBuffer(b_));  // number 0 is empty: the buffer of everything that is no constant
    std::vector<flatbuffers::Offset<fb::Tensor>> tensors;
    for (const Tensor& t : graph_.tensors) tensors.push_back(tensor(t));
    std::vector<flatbuffers::Offset<fb::Operator>> operators;
    for (const Node& node : graph_.nodes) {
      auto written = operation(node);
      if (!written.ok()) return std::move(written).error().in(graph_.where(node)).in(graph_.source);
      operators.push_back(written.value());
    }
    const auto subgraph =
        fb::CreateSubGraph(b_, b_.CreateVector(tensors), b_.CreateVector(graph_.inputs),
                           b_.CreateVector(graph_.outputs), b_.CreateVector(operators), b_.CreateString(graph_.name));
    std::vector<flatbuffers::Offset<fb::Metadata>> metadata;
    for (const auto& [name, value] : options_.metadata) {
      const auto key = b_.CreateString(name);
      const std::span bytes(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
      metadata.push_back(fb::CreateMetadata(b_, key, buffer(bytes)));
    }
    const auto subgraphs = b_.CreateVector(&subgraph, 1);
    const auto model = fb::CreateModel(b_, 3, b_.CreateVector(codes_), subgraphs, b_.CreateString(options_.description),
                                       b_.CreateVector(buffers_), 0, metadata.empty() ? 0 : b_.CreateVector(metadata));
    fb::FinishModelBuffer(b_, model);
    return std::vector<std::uint8_t>(b_.GetBufferPointer(), b_.GetBufferPointer() + b_.GetSize());
  }

 private:
  std::uint32_t buffer(std::span<const std::uint8_t> bytes) {
    b_.ForceVectorAlignment(bytes.size(), 1, kDataAlignment);
    const auto data = b_.CreateVector(bytes.data(), bytes.size());
    buffers_.push_back(fb::CreateBuffer(b_, data));
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }

  flatbuffers::Offset<fb::Tensor> tensor(const Tensor& t) {
    const std::uint32_t data = t.is_constant ? buffer(t.data) : 0;
    flatbuffers::Offset<fb::QuantizationParameters> quantization;
    if (!t.quant.empty()) {
      const std::vector<std::int64_t> zero_points(t.quant.zero_point.begin(), t.quant.zero_point.end());
      const auto scale = b_.CreateVector(t.quant.scale);
      const auto zero_point = b_.CreateVector(zero_points);
      quantization = fb::CreateQuantizationParameters(b_, 0, 0, scale, zero_point, 0, 0, t.quant.axis);
    }
    std::vector<std::int32_t> shape;
    for (const std::int64_t d : t.shape) shape.push_back(static_cast<std::int32_t>(d));  // d <= kMaxElements
    const auto dimensions = b_.CreateVector(shape);
    return fb::CreateTensor(b_, dimensions, type_of(t.type), data, b_.CreateString(t.name), quantization);
  }

  Result<std::uint32_t> code(const Node& node) {
    const OpRow& row = op_row(node.kind);
    if (row.tflite_code < 0) return Error{"is an operator that TFLite does not have", "", ""};
    const std::pair key(row.tflite_code, version_of(graph_, node, row));
    const auto known = std::ranges::find(keys_, key);
    if (known == keys_.end()) {
      // Readers from before 2020 know only the byte, which says "see the other field" from 127 on.
      const auto old = static_cast<std::int8_t>(std::min(row.tflite_code, 127));
      codes_.push_back(fb::CreateOperatorCode(b_, old, 0, key.second, row.tflite_code));
      keys_.push_back(key);
      return static_cast<std::uint32_t>(keys_.size() - 1);
    }
    return static_cast<std::uint32_t>(known - keys_.begin());
  }

  Result<flatbuffers::Offset<fb::Operator>> operation(const Node& node) {
    MOTE_LET(index, code(node));
    MOTE_LET(options, tflite_options(graph_, node));
    std::vector<std::pair<flatbuffers::voffset_t, flatbuffers::Offset<flatbuffers::Vector<std::int32_t>>>> vectors;
    for (const TfliteOption& option : options) {
      const auto* v = std::get_if<std::vector<std::int32_t>>(&option.value);
      if (v != nullptr && !v->empty()) vectors.emplace_back(slot(option.field), b_.CreateVector(*v));
    }
    const std::uint8_t type = tflite_options_type(op_row(node.kind).tflite_code);
    flatbuffers::Offset<fb::Opaque> table;
    if (type != 0) {
      b_.ForceDefaults(true);  // the schema's defaults are the operators' business
      const auto start = b_.StartTable();
      for (const auto& [at, vector] : vectors) b_.AddOffset(at, vector);
      for (const TfliteOption& option : options) {
        if (const auto* n = std::get_if<std::int32_t>(&option.value)) b_.AddElement(slot(option.field), *n, 0);
        if (const auto* x = std::get_if<float>(&option.value)) b_.AddElement(slot(option.field), *x, 0.0F);
      }
      for (const TfliteOption& option : options) {
        if (const auto* n = std::get_if<std::int8_t>(&option.value)) {
          b_.AddElement(slot(option.field), *n, std::int8_t{0});
        }
      }
      table = flatbuffers::Offset<fb::Opaque>(b_.EndTable(start));
      b_.ForceDefaults(false);
    }
    const auto inputs = b_.CreateVector(node.inputs);
    const auto outputs = b_.CreateVector(node.outputs);
    return fb::CreateOperator(b_, index, inputs, outputs, type, table);
  }

  static flatbuffers::voffset_t slot(int field) { return static_cast<flatbuffers::voffset_t>(4 + 2 * field); }

  const Graph& graph_;
  const TfliteExport& options_;
  flatbuffers::FlatBufferBuilder b_;
  std::vector<flatbuffers::Offset<fb::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<fb::OperatorCode>> codes_;
  std::vector<std::pair<int, std::int32_t>> keys_;  // code and version of each of codes_
};

}  // namespace

Result<std::vector<std::uint8_t>> export_tflite(const Graph& graph, const TfliteExport& options) {
  MOTE_TRY(verify(graph));
  return Exporter(graph, options).run();
}

}  // namespace mote
