// The ONNX container: protobuf messages read into plain structs, without any knowledge of operators.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/base/result.h"
#include "host/ir/types.h"

namespace mote::onnx {

// Codes of TensorProto.DataType.
enum ElementType : std::int64_t {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};
[[nodiscard]] std::string type_name(std::int64_t type);

// Views of the file's bytes live as long as the file does.
struct TensorProto {
  std::string name;
  Shape dims;
  std::int64_t type = 0;
  std::optional<std::span<const std::uint8_t>> raw;  // raw_data
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::int64_t> integers;  // int32_data, int64_data or uint64_data
  bool external = false;
  std::string location, offset, length;  // of external data
};

struct Attribute {
  std::string name;
  std::int64_t i = 0;
  float f = 0;
  std::string s;
  std::vector<std::int64_t> ints;
  std::vector<float> floats;
  std::optional<TensorProto> t;
  bool has_graph = false;
};

struct NodeProto {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;  // "" stands for an optional one that is absent
  std::vector<Attribute> attributes;
};

struct Dim {
  std::int64_t value = 0;  // <= 0: not stated
  std::string symbol;
};

struct Port {
  std::string name;
  std::int64_t type = 0;
  bool has_shape = false;
  std::vector<Dim> dims;
};

struct ModelProto {
  std::int64_t ir_version = 0;
  std::string producer;
  std::vector<std::pair<std::string, std::int64_t>> opsets;  // domain, version
  bool has_graph = false;
  bool has_functions = false;
  std::vector<NodeProto> nodes;
  std::vector<TensorProto> initializers;
  bool has_sparse_initializers = false;
  std::vector<Port> inputs, outputs;
};

// Errors: bytes that are no protobuf message of this kind; more parts than any honest model has.
Result<ModelProto> parse_model(std::span<const std::uint8_t> bytes);

// A known value, in the order of elements that ONNX states.
struct Constant {
  DType type = DType::f32;
  Shape shape;
  std::vector<std::uint8_t> data;

  [[nodiscard]] std::int64_t count() const { return elements(shape); }
  [[nodiscard]] bool is_real() const { return type == DType::f32; }
  [[nodiscard]] std::int64_t integer(std::int64_t i) const;  // of an integer type
  [[nodiscard]] double real(std::int64_t i) const;           // of any type
};
using ConstantPtr = std::shared_ptr<const Constant>;

// External data files that were read, by location; one folder beside the model holds them all.
class ExternalData {
 public:
  explicit ExternalData(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // Errors: no folder is known; a location that leads out of the folder; a file that is missing or too short.
  Result<std::span<const std::uint8_t>> bytes(const TensorProto& tensor);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::vector<std::uint8_t>> files_;
};

// Half, bfloat16 and double become f32; unsigned and 64-bit types that mote lacks are refused.
// Errors: an unknown type; a shape that is absurd; data that does not fit the shape; errors of external data.
Result<Constant> constant_of(const TensorProto& tensor, ExternalData& external);

// The type of a graph's value, if mote has it.
[[nodiscard]] std::optional<DType> dtype_of(std::int64_t type);

}  // namespace mote::onnx
