// Reads the TFLite container in two steps: flatbuffers proves that every offset stays in the file, then the model is
// checked and copied piece by piece into a graph.
#include "host/import/tflite.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generated/tflite_generated.h"
#include "host/base/file.h"
#include "host/base/identifier.h"
#include "host/base/printable.h"
#include "host/import/tflite_names.h"
#include "host/ir/custom_ops.h"
#include "host/ir/verify.h"
#include "host/ops/custom.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"

namespace mote {
namespace {

namespace fb = mote::tflite;

constexpr const char* kDamaged = "copy or download the file again; if that does not help, export the model again";
constexpr const char* kExportAgain = "the file is damaged or its exporter is at fault; export the model again";

// A TFLite file nests 6 levels of tables; large models have some ten thousand of them.
constexpr flatbuffers::uoffset_t kMaxDepth = 16;
constexpr flatbuffers::uoffset_t kMaxTables = 1 << 18;
// Operands of one operator, and of all together: one vector in the file can serve many operators.
constexpr std::size_t kMaxOperands = 1 << 12;
constexpr std::size_t kMaxAllOperands = 1 << 20;
// Scales of all tensors together, for the same reason.
constexpr std::size_t kMaxAllScales = 1 << 24;
constexpr std::size_t kMaxOptionValues = 1 << 10;
constexpr std::size_t kMaxTextBytes = 200;
constexpr std::size_t kMaxListed = 64;

// A name fit for messages and comments.
std::string clean_name(const flatbuffers::String* name, const std::string& fallback) {
  return name == nullptr ? fallback : printable({name->c_str(), name->size()}, fallback);
}

// The stem of the file's name as an identifier.
std::string identifier_from(std::string_view source) {
  if (const std::size_t slash = source.find_last_of("/\\"); slash != std::string_view::npos)
    source.remove_prefix(slash + 1);
  if (const std::size_t dot = source.rfind('.'); dot != std::string_view::npos && dot > 0)
    source = source.substr(0, dot);
  return identifier(source);
}

// An operator's options table. Flatbuffers proved its vtable to lie in the file; the fields are proved here, one by
// one, because only the operator knows their types. A field that leaves the file reads as the fallback and is
// remembered.
class OptionsTable final : public TfliteOptions {
 public:
  OptionsTable(std::span<const std::uint8_t> file, const fb::Opaque* table)
      : file_(file), table_(reinterpret_cast<const flatbuffers::Table*>(table)) {}

  [[nodiscard]] std::int64_t i32(int field, std::int64_t fallback) const override {
    return scalar<std::int32_t>(field).value_or(static_cast<std::int32_t>(fallback));
  }
  [[nodiscard]] std::int64_t i8(int field, std::int64_t fallback) const override {
    return scalar<std::int8_t>(field).value_or(static_cast<std::int8_t>(fallback));
  }
  [[nodiscard]] double f32(int field, double fallback) const override {
    const std::optional<float> value = scalar<float>(field);
    return value ? static_cast<double>(*value) : fallback;
  }
  [[nodiscard]] std::vector<std::int64_t> i32_vector(int field) const override {
    const std::size_t at = position(field);
    if (at == 0) return {};
    const std::optional<std::uint32_t> offset = read<std::uint32_t>(at);
    const std::optional<std::uint32_t> count = offset ? read<std::uint32_t>(at + *offset) : std::nullopt;
    if (!count || *count > kMaxOptionValues) {
      damaged_ = true;
      return {};
    }
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < *count; ++i) out.push_back(read<std::int32_t>(at + *offset + 4 + 4 * i).value_or(0));
    return out;
  }

  // A string; empty where absent.
  [[nodiscard]] std::string text(int field) const {
    const std::size_t at = position(field);
    if (at == 0) return {};
    const std::optional<std::uint32_t> offset = read<std::uint32_t>(at);
    const std::optional<std::uint32_t> count = offset ? read<std::uint32_t>(at + *offset) : std::nullopt;
    if (!count || *count > kMaxTextBytes || at + *offset + 4 + *count > file_.size()) {
      damaged_ = true;
      return {};
    }
    return {reinterpret_cast<const char*>(&file_[at]) + *offset + 4, *count};
  }

  // True when a field that was asked for lies outside the file.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  // Where a field lies in the file; 0 where it is absent.
  [[nodiscard]] std::size_t position(int field) const {
    if (table_ == nullptr) return 0;
    const auto slot = static_cast<flatbuffers::voffset_t>(4 + 2 * field);  // after the vtable's own two sizes
    const flatbuffers::voffset_t offset = table_->GetOptionalFieldOffset(slot);
    if (offset == 0) return 0;
    return static_cast<std::size_t>(reinterpret_cast<const std::uint8_t*>(table_) - file_.data()) + offset;
  }

  template <class T>
  [[nodiscard]] std::optional<T> read(std::size_t at) const {
    if (at > file_.size() || file_.size() - at < sizeof(T)) {
      damaged_ = true;
      return std::nullopt;
    }
    T value;
    std::memcpy(&value, &file_[at], sizeof value);
    return value;
  }

  template <class T>
  [[nodiscard]] std::optional<T> scalar(int field) const {
    const std::size_t at = position(field);
    return at == 0 ? std::nullopt : read<T>(at);
  }

  std::span<const std::uint8_t> file_;
  const flatbuffers::Table* table_;
  mutable bool damaged_ = false;  // the operators' interface has no way to report it
};

std::optional<DType> dtype_of(fb::TensorType type) {
  switch (type) {
    case fb::TensorType::FLOAT32: return DType::f32;
    case fb::TensorType::INT4:  // constants, which content() unpacks
    case fb::TensorType::INT8: return DType::s8;
    case fb::TensorType::UINT8: return DType::u8;
    case fb::TensorType::INT16: return DType::s16;
    case fb::TensorType::INT32: return DType::s32;
    case fb::TensorType::INT64: return DType::s64;
    case fb::TensorType::BOOL: return DType::boolean;
    default: return std::nullopt;
  }
}

std::string type_name(fb::TensorType type) {
  const std::string name = fb::EnumNameTensorType(type);
  return name.empty() ? fmt::format("type code {}", static_cast<int>(type)) : name;
}

// Elements of 4 bits, two in a byte with the lower half first, each in a byte of its own.
std::vector<std::uint8_t> unpack_s4(std::span<const std::uint8_t> bytes, std::int64_t count) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int half = bytes[i / 2] >> (i % 2 == 0 ? 0 : 4) & 0xF;
    out[i] = static_cast<std::uint8_t>(half >= 8 ? half - 16 : half);
  }
  return out;
}

// Elements of a vector, copied bytewise: flatbuffers does not prove the alignment of 8-byte elements.
template <class T>
T element(const flatbuffers::Vector<T>* v, std::size_t i) {
  T value;
  std::memcpy(&value, v->Data() + i * sizeof(T), sizeof value);
  return value;
}

template <class T>
std::size_t count_of(const flatbuffers::Vector<T>* v) {
  return v == nullptr ? 0 : v->size();
}

// What would mend a model with an operator that mote does not run.
std::string mend_for(std::int64_t code, std::string_view custom) {
  if (custom == "ethos-u") return "the file was compiled for an Ethos-U by Vela; give the model from before that step";
  if (custom.starts_with("Flex")) return "convert without SELECT_TF_OPS, so that only TFLite's own operators remain";
  if (!custom.empty()) {
    return fmt::format(
        "describe '{}' and its kernel in a folder and give --custom FOLDER (docs/guides/custom_operators.md), or "
        "replace "
        "it by TFLite's own operators before converting",
        custom);
  }
  constexpr std::int64_t kIf = 118, kWhile = 119;
  if (code == kIf || code == kWhile) return "control flow is not supported yet; convert with loops unrolled";
  std::vector<std::string_view> known;
  for (const OpRow& row : all_ops()) {
    if (row.tflite_code >= 0) known.push_back(row.tflite_name);
  }
  return fmt::format("rebuild the model from supported operators: {}", fmt::join(known, ", "));
}

// What belongs to the container rather than to arithmetic: variables that live from run to run.
enum ContainerOp : std::int64_t { kCallOnce = 129, kVarHandle = 142, kReadVariable = 143, kAssignVariable = 144 };
bool is_container_op(std::int64_t builtin) {
  return builtin == kCallOnce || builtin == kVarHandle || builtin == kReadVariable || builtin == kAssignVariable;
}

class Importer {
 public:
  Importer(std::span<const std::uint8_t> file, const fb::Model* model, const std::string& source)
      : file_(file), model_(model) {
    graph_.source = source;
    graph_.name = identifier_from(source);
  }

  Result<Graph> run() {
    MOTE_TRY(find_subgraph());
    MOTE_TRY(operator_codes());
    MOTE_TRY(variables());
    MOTE_TRY(used_tensors());
    for (std::size_t i = 0; i < sub_->tensors()->size(); ++i) {
      if (ids_[i] == kUnused) continue;
      if (Status s = tensor(i); !s.ok()) {
        return std::move(s).error().in(fmt::format("{}: tensor '{}'", graph_.source, tensor_name(i)));
      }
    }
    for (const auto& [ids, out] :
         {std::pair{sub_->inputs(), &graph_.inputs}, std::pair{sub_->outputs(), &graph_.outputs}}) {
      for (std::size_t i = 0; i < count_of(ids); ++i) out->push_back(id_of(element(ids, i)));
    }
    MOTE_TRY(nodes());
    MOTE_TRY(states());
    MOTE_TRY(verify_structure(graph_));  // operators may rely on it when they read their options
    MOTE_TRY(options());
    MOTE_TRY(verify(graph_));
    return std::move(graph_);
  }

 private:
  static constexpr TensorId kUnused = -2;

  struct Code {
    std::int64_t builtin = 0;
    std::int64_t version = 1;
    std::string custom;  // not empty: a custom operator
    std::string name;
    std::optional<OpKind> kind;
  };

  Status find_subgraph() {
    if (model_->version() != 3) {
      return Error{fmt::format("has TFLite schema version {}; mote reads version 3", model_->version()), graph_.source,
                   "convert the model again with a current TensorFlow Lite converter"};
    }
    if (count_of(model_->subgraphs()) == 0) return Error{"has no subgraph", graph_.source, kExportAgain};
    sub_ = model_->subgraphs()->Get(0);
    if (count_of(sub_->tensors()) == 0) return Error{"has no tensors", graph_.source, kExportAgain};
    return {};
  }

  // Reads the operator codes in use and reports everything that is not supported at once.
  Status operator_codes() {
    constexpr std::int64_t kCustom = 32;
    for (std::size_t i = 0; i < count_of(model_->operator_codes()); ++i) {
      const fb::OperatorCode* in = model_->operator_codes()->Get(static_cast<flatbuffers::uoffset_t>(i));
      Code code;
      code.builtin = std::max<std::int64_t>(in->deprecated_builtin_code(), in->builtin_code());
      code.version = in->version();
      if (code.builtin == kCustom) code.custom = clean_name(in->custom_code(), "without a name");
      code.name =
          code.custom.empty() ? tflite_operator_name(code.builtin) : fmt::format("custom operator '{}'", code.custom);
      if (!code.custom.empty()) code.kind = custom_op_from_tflite(code.custom);
      for (std::size_t k = 0; code.custom.empty() && k < all_ops().size(); ++k) {
        if (all_ops()[k].tflite_code == code.builtin) code.kind = static_cast<OpKind>(k);
      }
      codes_.push_back(std::move(code));
    }
    std::vector<std::pair<std::string, std::vector<std::size_t>>> unsupported;  // what, and the operators it concerns
    std::vector<std::string> mends;
    const auto refuse = [&](const std::string& what, std::size_t index, const std::string& mend) {
      const auto same = [&](const auto& entry) { return entry.first == what; };
      auto at = std::find_if(unsupported.begin(), unsupported.end(), same);
      if (at == unsupported.end()) at = unsupported.insert(at, {what, {}});
      at->second.push_back(index);
      if (std::find(mends.begin(), mends.end(), mend) == mends.end()) mends.push_back(mend);
    };
    for (std::size_t i = 0; i < count_of(sub_->operators()) && unsupported.size() < kMaxListed; ++i) {
      const fb::Operator* op = sub_->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (op->opcode_index() >= codes_.size()) {
        return Error{fmt::format("has operator code {} of {}", op->opcode_index(), codes_.size()),
                     fmt::format("{}: operator {}", graph_.source, i), kExportAgain};
      }
      const Code& code = codes_[op->opcode_index()];
      if (is_container_op(code.builtin)) continue;
      if (!code.kind) {
        refuse(code.name, i, mend_for(code.builtin, code.custom));
      } else if (const OpRow& row = op_row(*code.kind); code.version > row.tflite_max_version) {
        refuse(fmt::format("{} version {} (known up to version {})", code.name, code.version, row.tflite_max_version),
               i, "convert with an older TensorFlow Lite converter, which writes the older operator version");
      }
    }
    if (unsupported.empty()) return {};
    std::vector<std::string> lines;
    for (auto& [what, indices] : unsupported) {
      const std::size_t all = indices.size();
      indices.resize(std::min(all, kMaxListed));
      lines.push_back(fmt::format("{} at operator{} {}{}", what, all == 1 ? "" : "s", fmt::join(indices, ", "),
                                  all > kMaxListed ? fmt::format(" and {} more", all - kMaxListed) : std::string()));
    }
    return Error{fmt::format("not supported: {}", fmt::join(lines, "; ")), graph_.source,
                 fmt::format("{}", fmt::join(mends, "; "))};
  }

  // A resource variable. READ_VARIABLE gives whatever was assigned last, so reading and assigning need no operators:
  // only the first tensor read, which is what the run found, and the last one assigned remain.
  struct Variable {
    std::string name;
    std::int32_t first = kNoTensor;  // tensors of the file
    std::int32_t current = kNoTensor;
    std::vector<std::uint8_t> initial;
    std::optional<DType> initial_type;
    Shape initial_shape;
  };

  [[nodiscard]] Error at_operator(std::size_t index, std::string what, std::string fix = kExportAgain) const {
    return {std::move(what), fmt::format("{}: operator {}", graph_.source, index), std::move(fix)};
  }

  static Result<std::int32_t> operand(const flatbuffers::Vector<std::int32_t>* refs, std::size_t k,
                                      const fb::SubGraph* sub) {
    const std::int32_t ref = k < count_of(refs) ? element(refs, k) : kNoTensor;
    if (ref < 0 || static_cast<std::size_t>(ref) >= count_of(sub->tensors())) {
      return Error{fmt::format("has no operand {}", k), "", kExportAgain};
    }
    return ref;
  }

  // The variable that VAR_HANDLE names; `handles` maps tensors to variables.
  Status take_handle(const fb::Operator* op, const fb::SubGraph* sub, std::map<std::int32_t, std::size_t>& handles) {
    const OptionsTable table(file_, op->builtin_options());
    const std::string key = table.text(0) + "/" + table.text(1);
    if (table.damaged()) return Error{"has options that lie outside the file", "", kDamaged};
    MOTE_LET(out, operand(op->outputs(), 0, sub));
    const auto [at, is_new] = variable_of_name_.try_emplace(key, variables_.size());
    if (is_new) {
      Variable v;
      for (const char c : table.text(1)) v.name += c >= 0x20 && c < 0x7F ? c : '?';
      variables_.push_back(std::move(v));
    }
    handles[out] = at->second;
    return {};
  }

  Result<std::size_t> handle(const fb::Operator* op, const fb::SubGraph* sub,
                             const std::map<std::int32_t, std::size_t>& handles) {
    MOTE_LET(in, operand(op->inputs(), 0, sub));
    const auto at = handles.find(in);
    if (at == handles.end()) return Error{"uses a variable that no VAR_HANDLE names", "", kExportAgain};
    return at->second;
  }

  // CALL_ONCE: the subgraph that gives variables their first values. Only constants can be known here.
  Status initial_values(const fb::Operator* call) {
    const OptionsTable table(file_, call->builtin_options());
    const std::int64_t index = table.i32(0, 0);
    if (table.damaged()) return Error{"has options that lie outside the file", "", kDamaged};
    if (index < 1 || static_cast<std::size_t>(index) >= count_of(model_->subgraphs())) {
      return Error{fmt::format("calls subgraph {} of {}", index, count_of(model_->subgraphs())), "", kExportAgain};
    }
    const fb::SubGraph* sub = model_->subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(index));
    std::map<std::int32_t, std::size_t> handles;
    for (std::size_t i = 0; i < count_of(sub->operators()); ++i) {
      const fb::Operator* op = sub->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (op->opcode_index() >= codes_.size()) return Error{"calls an operator without a code", "", kExportAgain};
      const std::int64_t builtin = codes_[op->opcode_index()].builtin;
      if (builtin == kVarHandle) {
        MOTE_TRY(take_handle(op, sub, handles));
      } else if (builtin == kAssignVariable) {
        MOTE_LET(which, handle(op, sub, handles));
        MOTE_LET(value, operand(op->inputs(), 1, sub));
        const fb::Tensor* in = sub->tensors()->Get(static_cast<flatbuffers::uoffset_t>(value));
        Tensor t;
        const std::optional<DType> type = dtype_of(in->type());
        if (!type) return Error{fmt::format("assigns the type {}", type_name(in->type())), "", kExportAgain};
        t.type = *type;
        MOTE_TRY(shape(in, t));
        MOTE_TRY(content(in, t));
        Variable& v = variables_[which];
        if (!t.is_constant || v.current != kNoTensor) {
          return Error{fmt::format("gives variable '{}' a first value that is not a constant", v.name), "",
                       "initialise variables with constants"};
        }
        v.initial = std::move(t.data);
        v.initial_type = t.type;
        v.initial_shape = std::move(t.shape);
      } else {
        return Error{fmt::format("computes first values of variables with {}", codes_[op->opcode_index()].name), "",
                     "initialise variables with constants"};
      }
    }
    return {};
  }

  // Follows every variable through the operators; see Variable.
  Status variables() {
    const std::size_t count = count_of(sub_->tensors());
    same_as_.resize(count);
    std::iota(same_as_.begin(), same_as_.end(), 0);
    std::map<std::int32_t, std::size_t> handles;
    for (std::size_t i = 0; i < count_of(sub_->operators()); ++i) {
      const fb::Operator* op = sub_->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      const Code& code = codes_[op->opcode_index()];
      const auto follow = [&]() -> Status {
        if (code.builtin == kCallOnce) return initial_values(op);
        if (code.builtin == kVarHandle) return take_handle(op, sub_, handles);
        MOTE_LET(which, handle(op, sub_, handles));
        Variable& v = variables_[which];
        if (code.builtin == kReadVariable) {
          MOTE_LET(out, operand(op->outputs(), 0, sub_));
          if (v.current == kNoTensor) v.first = v.current = out;
          same_as_[static_cast<std::size_t>(out)] = v.current;
        } else {
          MOTE_LET(value, operand(op->inputs(), 1, sub_));
          v.current = same_as_[static_cast<std::size_t>(value)];
        }
        return {};
      };
      if (!is_container_op(code.builtin)) continue;
      if (Status s = follow(); !s.ok())
        return std::move(s).error().in(fmt::format("{}: operator {} {}", graph_.source, i, code.name));
    }
    return {};
  }

  // What the variables that are read from run to run become.
  Status states() {
    for (const Variable& v : variables_) {
      if (v.first == kNoTensor) continue;
      State s{v.name, id_of(v.first), id_of(v.current), v.initial};
      const Tensor& t = graph_.tensor(s.in);
      const std::string where = fmt::format("{}: variable '{}'", graph_.source, v.name);
      if (v.initial_type && (*v.initial_type != t.type || v.initial_shape != t.shape)) {
        return Error{fmt::format("is read as {}{} but begins as {}{}", name_of(t.type), text_of(t.shape),
                                 name_of(*v.initial_type), text_of(v.initial_shape)),
                     where, kExportAgain};
      }
      if (!v.initial_type) s.initial = zeros(t);
      graph_.states.push_back(std::move(s));
    }
    for (const auto& [in, out] : variable_tensors_) {
      graph_.states.push_back({graph_.tensor(in).name, in, out, zeros(graph_.tensor(in))});
    }
    return {};
  }

  // What TensorFlow Lite Micro begins with where the file says nothing: real zeros of int8, else zero bytes.
  static std::vector<std::uint8_t> zeros(const Tensor& t) {
    const bool offset = t.type == DType::s8 && t.quant.zero_point.size() == 1;
    return std::vector<std::uint8_t>(static_cast<std::size_t>(t.size_bytes()),
                                     static_cast<std::uint8_t>(offset ? t.quant.zero_point[0] : 0));
  }

  // The graph's tensor for a tensor of the file.
  [[nodiscard]] TensorId id_of(std::int32_t ref) const {
    return ref == kNoTensor ? kNoTensor : ids_[static_cast<std::size_t>(same_as_[static_cast<std::size_t>(ref)])];
  }

  // Numbers the tensors that anything refers to; the others (left over by converters) are dropped.
  Status used_tensors() {
    ids_.assign(sub_->tensors()->size(), kUnused);
    std::size_t operands = 0;
    const auto use = [&](const flatbuffers::Vector<std::int32_t>* refs, const std::string& who,
                         bool optional) -> Status {
      operands += count_of(refs);
      if (count_of(refs) > kMaxOperands || operands > kMaxAllOperands) {
        return Error{"has an absurd number of operands", fmt::format("{}: {}", graph_.source, who), kExportAgain};
      }
      for (std::size_t i = 0; i < count_of(refs); ++i) {
        const std::int32_t ref = element(refs, i);
        if (optional && ref == kNoTensor) continue;
        if (ref < 0 || static_cast<std::size_t>(ref) >= ids_.size()) {
          return Error{fmt::format("refers to tensor {}, but the file has {}", ref, ids_.size()),
                       fmt::format("{}: {}", graph_.source, who), kExportAgain};
        }
        ids_[static_cast<std::size_t>(same_as_[static_cast<std::size_t>(ref)])] = 0;
      }
      return {};
    };
    MOTE_TRY(use(sub_->inputs(), "list of inputs", false));
    MOTE_TRY(use(sub_->outputs(), "list of outputs", false));
    for (std::size_t i = 0; i < count_of(sub_->operators()); ++i) {
      const fb::Operator* op = sub_->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (is_container_op(codes_[op->opcode_index()].builtin)) continue;
      const std::string who = fmt::format("operator {} {}", i, codes_[op->opcode_index()].name);
      MOTE_TRY(use(op->inputs(), who, true));
      MOTE_TRY(use(op->outputs(), who, false));
    }
    for (const Variable& v : variables_) {
      if (v.first == kNoTensor) continue;
      ids_[static_cast<std::size_t>(v.first)] = 0;
      ids_[static_cast<std::size_t>(v.current)] = 0;
    }
    TensorId next = 0;
    for (TensorId& id : ids_) {
      if (id != kUnused) id = next++;
    }
    return {};
  }

  [[nodiscard]] std::string tensor_name(std::size_t i) const {
    return clean_name(sub_->tensors()->Get(static_cast<flatbuffers::uoffset_t>(i))->name(),
                      fmt::format("tensor_{}", i));
  }

  Status tensor(std::size_t i) {
    const fb::Tensor* in = sub_->tensors()->Get(static_cast<flatbuffers::uoffset_t>(i));
    Tensor t;
    t.name = tensor_name(i);
    const std::optional<DType> type = dtype_of(in->type());
    if (!type) {
      return Error{fmt::format("has the type {}, which is not supported", type_name(in->type())), "",
                   "convert the model to int8, int16 or float32"};
    }
    t.type = *type;
    if (in->sparsity() != nullptr) {
      return Error{"is stored in sparse form, which is not supported", "", "convert the model without sparse encoding"};
    }
    MOTE_TRY(shape(in, t));
    MOTE_TRY(quantisation(in->quantization(), t));
    MOTE_TRY(content(in, t));
    if (t.is_constant && in->is_variable()) return Error{"is a variable and constant at once", "", kExportAgain};
    graph_.tensors.push_back(std::move(t));
    return {};
  }

  static Status shape(const fb::Tensor* in, Tensor& t) {
    const std::size_t rank = count_of(in->shape());
    if (rank > kMaxRank)
      return Error{fmt::format("has {} dimensions, at most {} are supported", rank, kMaxRank), "", ""};
    for (std::size_t d = 0; d < rank; ++d) t.shape.push_back(element(in->shape(), d));
    MOTE_TRY(check_shape(t.shape));
    // shape_signature marks with -1 what may vary at run time; mote fixes it, and only at 1 is that surely meant.
    for (std::size_t d = 0; d < std::min(rank, count_of(in->shape_signature())); ++d) {
      if (element(in->shape_signature(), d) < 0 && t.shape[d] != 1) {
        return Error{fmt::format("has the shape {} with a dynamic dimension {}", text_of(t.shape), d), "",
                     "export the model with static shapes"};
      }
    }
    return {};
  }

  Status quantisation(const fb::QuantizationParameters* q, Tensor& t) {
    if (q == nullptr) return {};
    if (q->details_type() != 0) {
      return Error{"has custom or block-wise quantisation, which is not supported", "",
                   "quantise with one scale per tensor or per channel"};
    }
    // On a float tensor scales say how it was quantised once; the values are real numbers already.
    if (t.type == DType::f32 || count_of(q->scale()) == 0) return {};
    if (count_of(q->zero_point()) != count_of(q->scale())) {
      return Error{fmt::format("has {} scales but {} zero points", count_of(q->scale()), count_of(q->zero_point())), "",
                   kExportAgain};
    }
    scales_ += q->scale()->size();
    if (scales_ > kMaxAllScales) return Error{"has an absurd number of scales", "", kExportAgain};
    for (std::size_t i = 0; i < q->scale()->size(); ++i) {
      const std::int64_t zero_point = element(q->zero_point(), i);
      if (zero_point < std::numeric_limits<std::int32_t>::min() ||
          zero_point > std::numeric_limits<std::int32_t>::max()) {
        return Error{fmt::format("has the zero point {}", zero_point), "", "quantise the model again"};
      }
      t.quant.scale.push_back(element(q->scale(), i));
      t.quant.zero_point.push_back(static_cast<std::int32_t>(zero_point));
    }
    // Converters give the bias the axis of its weights, though it has one dimension.
    if (t.quant.per_channel() && t.shape.size() != 1) t.quant.axis = q->quantized_dimension();
    return {};
  }

  // Copies a constant. A buffer without bytes belongs to an activation.
  Status content(const fb::Tensor* in, Tensor& t) {
    const std::uint32_t index = in->buffer();
    const bool is_packed = in->type() == fb::TensorType::INT4;
    const std::size_t buffers = count_of(model_->buffers());
    if (index >= buffers) {
      return Error{fmt::format("has its data in buffer {}, but the file has {}", index, buffers), "", kExportAgain};
    }
    const fb::Buffer* buffer = model_->buffers()->Get(index);
    std::span<const std::uint8_t> bytes;
    if (buffer->data() != nullptr) bytes = {buffer->data()->data(), buffer->data()->size()};
    // Large files keep buffers behind the flatbuffer; offset 1 is what converters leave while they write.
    if (bytes.empty() && buffer->offset() > 1) {
      if (buffer->offset() > file_.size() || buffer->size() > file_.size() - buffer->offset()) {
        return Error{fmt::format("has its data at byte {} with {} bytes, outside the file's {} bytes", buffer->offset(),
                                 buffer->size(), file_.size()),
                     "", kDamaged};
      }
      bytes = file_.subspan(static_cast<std::size_t>(buffer->offset()), static_cast<std::size_t>(buffer->size()));
    }
    if (bytes.empty() && is_packed) {
      return Error{"has the type INT4, which is supported for constants only", "",
                   "quantise activations to int8 or int16"};
    }
    if (bytes.empty()) return {};
    const std::int64_t stored = is_packed ? (t.size_bytes() + 1) / 2 : t.size_bytes();
    if (static_cast<std::int64_t>(bytes.size()) != stored) {
      return Error{fmt::format("is a constant {}{} of {} bytes, but its buffer {} has {}",
                               is_packed ? "INT4" : name_of(t.type), text_of(t.shape), stored, index, bytes.size()),
                   "", kExportAgain};
    }
    constant_bytes_ += t.size_bytes();
    if (constant_bytes_ > kMaxConstantBytes) {
      return Error{fmt::format("brings the constants to more than the {} bytes accepted", kMaxConstantBytes), "",
                   "use a smaller model; this one fits no microcontroller"};
    }
    t.is_constant = true;
    if (is_packed) {
      t.data = unpack_s4(bytes, t.size_bytes());
    } else {
      t.data.assign(bytes.begin(), bytes.end());
    }
    return {};
  }

  // Operators with their operands. An operator that updates a variable tensor in the file gets another output here: the
  // tensor's next value.
  Status nodes() {
    std::map<TensorId, TensorId> now;  // of variable tensors: the value at this operator
    for (std::size_t i = 0; i < count_of(sub_->operators()); ++i) {
      const fb::Operator* op = sub_->operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (is_container_op(codes_[op->opcode_index()].builtin)) continue;
      Node node;
      node.kind = codes_[op->opcode_index()].kind.value();
      node.source_index = static_cast<std::int32_t>(i);
      for (std::size_t k = 0; k < count_of(op->inputs()); ++k) {
        const TensorId id = id_of(element(op->inputs(), k));
        const auto at = now.find(id);
        node.inputs.push_back(at == now.end() ? id : at->second);
      }
      for (std::size_t k = 0; k < count_of(op->outputs()); ++k) {
        node.outputs.push_back(id_of(element(op->outputs(), k)));
      }
      for (const int k : op_row(node.kind).def->variables) {
        if (static_cast<std::size_t>(k) >= node.inputs.size() || node.inputs[static_cast<std::size_t>(k)] == kNoTensor)
          continue;
        const TensorId file_id = id_of(element(op->inputs(), static_cast<std::size_t>(k)));
        const fb::Tensor* in = sub_->tensors()->Get(static_cast<flatbuffers::uoffset_t>(
            same_as_[static_cast<std::size_t>(element(op->inputs(), static_cast<std::size_t>(k)))]));
        if (!in->is_variable() || graph_.tensor(file_id).is_constant) {
          return at_operator(i, fmt::format("input {} is not a variable tensor", k));
        }
        Tensor next = graph_.tensor(file_id);
        next.name += "/next";
        const TensorId id = graph_.add_tensor(std::move(next));
        now[file_id] = id;
        node.outputs.push_back(id);
      }
      if (!node.outputs.empty()) node.name = graph_.tensor(node.outputs[0]).name;
      graph_.nodes.push_back(std::move(node));
    }
    variable_tensors_.assign(now.begin(), now.end());
    return {};
  }

  Status options() {
    for (Node& node : graph_.nodes) {
      const fb::Operator* op = sub_->operators()->Get(static_cast<flatbuffers::uoffset_t>(node.source_index));
      if (is_custom_op(node.kind)) {
        std::span<const std::uint8_t> bytes;
        if (op->custom_options() != nullptr) bytes = {op->custom_options()->data(), op->custom_options()->size()};
        if (Status read = read_custom_options(bytes, node); !read.ok()) {
          return std::move(read).error().in(graph_.where(node)).in(graph_.source);
        }
        continue;
      }
      const OptionsTable table(file_, op->builtin_options());
      Status status = op_row(node.kind).def->from_tflite(table, graph_, node);
      if (table.damaged()) status = Error{"has options that lie outside the file", "", kDamaged};
      if (!status.ok()) return std::move(status).error().in(graph_.where(node)).in(graph_.source);
    }
    return {};
  }

  std::span<const std::uint8_t> file_;
  const fb::Model* model_;
  const fb::SubGraph* sub_ = nullptr;
  std::vector<Code> codes_;
  std::vector<std::int32_t> same_as_;  // per tensor of the file: the one whose value it has; itself unless a variable's
  std::vector<Variable> variables_;
  std::map<std::string, std::size_t> variable_of_name_;
  std::vector<std::pair<TensorId, TensorId>> variable_tensors_;  // with their last values
  std::vector<TensorId> ids_;                                    // from the file's tensor numbers to the graph's
  std::size_t scales_ = 0;
  std::int64_t constant_bytes_ = 0;
  Graph graph_;
};

}  // namespace

Result<Graph> import_tflite(std::span<const std::uint8_t> bytes, const std::string& source) {
  if (bytes.size() > kMaxFileBytes) {
    return Error{fmt::format("has {} bytes, more than the {} accepted", bytes.size(), kMaxFileBytes), source, ""};
  }
  constexpr std::size_t kSmallest = 8;
  if (bytes.size() < kSmallest) {
    return Error{fmt::format("has {} bytes, too few for a TFLite file", bytes.size()), source, kDamaged};
  }
  if (!fb::ModelBufferHasIdentifier(bytes.data())) {
    return Error{"is not a TFLite file: the identifier TFL3 is missing", source,
                 "give a .tflite file; convert models of other formats first"};
  }
  // Flatbuffers reads words in place, so the bytes must be aligned as they were when written.
  constexpr std::size_t kAlignment = 16;
  std::vector<std::uint8_t> aligned;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment != 0) {
    aligned.assign(bytes.begin(), bytes.end());
    bytes = aligned;
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!fb::VerifyModelBuffer(verifier)) {
    return Error{
        fmt::format(
            "is truncated or damaged: something in it points outside its {} bytes, or it has an absurd number of parts",
            bytes.size()),
        source, kDamaged};
  }
  return Importer(bytes, fb::GetModel(bytes.data()), source).run();
}

}  // namespace mote
