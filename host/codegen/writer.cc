// Generated text, file by file. Everything a reader of the generated code asks is answered in a comment there.
#include "host/codegen/writer.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/base/identifier.h"
#include "host/base/resources.h"
#include "host/ops/op.h"

namespace mote {
namespace {

using Names = std::set<std::string>;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// Text from the model inside a comment: nothing that could end it.
std::string comment(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr(" _-./:;,[]()=+", c) != nullptr;
    out += plain ? c : '_';
  }
  for (std::size_t at = 0; (at = out.find("//", at)) != std::string::npos;) out[at] = '_';
  return out;
}

std::string quant_text(const Quant& q) {
  if (q.empty()) return "";
  if (q.per_channel()) return fmt::format(", {} scales along axis {}", q.scale.size(), q.axis);
  return fmt::format(", real = {:.9g} * (q - {})", q.scale[0], q.zero_point[0]);
}

std::string tensor_text(const Tensor& t) {
  return fmt::format("\"{}\" {}{}{}", comment(t.name), name_of(t.type), text_of(t.shape), quant_text(t.quant));
}

template <class T>
std::string numbers(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  std::string line = "   ";
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value{};
    std::memcpy(&value, &bytes[at], sizeof(T));
    std::string item;
    if constexpr (std::is_same_v<T, float>) {
      item = float_literal(value);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      item = value == INT64_MIN ? "INT64_MIN" : fmt::format("INT64_C({})", value);
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
      item = value == INT32_MIN ? "INT32_MIN" : std::to_string(value);
    } else {
      item = std::to_string(+value);
    }
    if (line.size() + item.size() + 2 > 118) {
      out += line + "\n";
      line = "   ";
    }
    line += " " + item + ",";
  }
  return out + line + "\n";
}

std::string array_body(DType type, const std::vector<std::uint8_t>& bytes) {
  switch (type) {
    case DType::f32: return numbers<float>(bytes);
    case DType::s8: return numbers<std::int8_t>(bytes);
    case DType::u8:
    case DType::boolean: return numbers<std::uint8_t>(bytes);
    case DType::s16: return numbers<std::int16_t>(bytes);
    case DType::s32: return numbers<std::int32_t>(bytes);
    case DType::s64: return numbers<std::int64_t>(bytes);
  }
  return {};
}

// Writes one model.
class ModelWriter {
 public:
  ModelWriter(const Program& program, const WriterOptions& options)
      : p_(program), options_(options), name_(identifier(program.graph.name)) {
    info_.name = name_;
    info_.source = program.graph.source;
    info_.arena_bytes = std::max<std::int64_t>(1, program.placement.arena_bytes);
    info_.arena_lower_bound_bytes = program.placement.lower_bound_bytes;
    for (const TensorId id : program.graph.inputs) info_.inputs.push_back(port(id));
    for (const TensorId id : program.graph.outputs) info_.outputs.push_back(port(id));
    for (const State& state : program.graph.states) {
      info_.states.push_back(port(state.in));
      info_.states.back().name = state.name;
    }
    for (std::size_t n = 0; n < program.nodes.size(); ++n) {
      info_.scratch_bytes = std::max(info_.scratch_bytes, program.scratch_bytes(n));
      if (const Fused* run = program.fused_at(n)) {
        if (n == run->first) write_run(*run);
      } else if (!program.nodes[n].is_alias()) {
        write_layer(n);
      }
    }
    write_states();
  }

  [[nodiscard]] const GeneratedModel& info() const { return info_; }
  [[nodiscard]] const Names& kernel_headers() const { return kernel_headers_; }
  [[nodiscard]] const Names& kernel_sources() const { return kernel_sources_; }

  [[nodiscard]] std::string c_header() const {
    const std::string prefix = upper(name_);
    std::string out = banner("the C interface of the model") +
                      fmt::format("#ifndef MOTE_{0}_H\n#define MOTE_{0}_H\n\n#include <stdint.h>\n\n", prefix);
    out += fmt::format(
        "/* Working memory: one block of {0}_ARENA_BYTES, aligned to {0}_ARENA_ALIGNMENT. It holds inputs, outputs "
        "and\n"
        "   everything between{3}. */\n"
        "#define {0}_ARENA_BYTES {1}\n#define {0}_ARENA_ALIGNMENT {2}\n\n",
        prefix, info_.arena_bytes, kArenaAlignment,
        info_.states.empty()
            ? "; models that do not run at the same time may share one block of the largest size"
            : ",\n   and the state that goes on from run to run: the block is this model's alone until its next reset");
    out += port_macros("INPUT", info_.inputs) + port_macros("OUTPUT", info_.outputs);
    out += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    out += fmt::format(
        "/* Runs the model once. Write the inputs to arena + {0}_INPUT_<i>_OFFSET before, read the outputs from\n"
        "   arena + {0}_OUTPUT_<i>_OFFSET after. Inputs do not survive a run: write them again before the next. */\n"
        "void {1}_invoke(uint8_t* arena);\n\n",
        prefix, name_);
    if (!info_.states.empty()) {
      out += fmt::format(
          "/* Begins a new stream: gives the {1} bytes of state their initial values. Call it before the first run. "
          "*/\n"
          "void {0}_reset(uint8_t* arena);\n\n",
          name_, state_bytes());
    }
    if (p_.answer.seed != 0) {
      out += fmt::format(
          "/* The known answer: runs the model on random bytes, as the host did, and returns 1 where the outputs are "
          "the\n"
          "   same bytes, else 0. */\nint {}_selftest(uint8_t* arena);\n\n",
          name_);
    }
    if (!p_.placement.guards.empty()) {
      out +=
          "/* Yours to supply: called when bytes between buffers were overwritten, with the names of the buffer before "
          "them\n"
          "   and of the layer that ran. */\nvoid mote_canary(const char* buffer, const char* layer);\n\n";
    }
    return out + "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  }

  [[nodiscard]] std::string cpp_header() const {
    std::string out = banner("the C++ interface of the model") +
                      fmt::format(
                          "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n\n#include \"{0}.h\"\n\n"
                          "namespace {0} {{\n\n",
                          name_);
    out += fmt::format(
        "inline constexpr std::size_t kArenaBytes = {};\ninline constexpr std::size_t kArenaAlignment = {};\n\n"
        "// Working memory{}; may be static, on the stack or part of something larger.\n"
        "struct alignas(kArenaAlignment) Arena {{\n  std::uint8_t bytes[kArenaBytes];\n}};\n\n",
        info_.arena_bytes, kArenaAlignment,
        info_.states.empty() ? " for one run" : " and the state that goes on from run to run");
    out += accessors("input", "", info_.inputs) + accessors("output", "const ", info_.outputs);
    out += fmt::format(
        "// Runs the model once; inputs do not survive it.\ninline void invoke(Arena& arena) {{ "
        "{0}_invoke(arena.bytes); }}\n\n",
        name_);
    if (!info_.states.empty()) {
      out += fmt::format(
          "// Begins a new stream: the state takes its initial values. Call it before the first run.\n"
          "inline void reset(Arena& arena) {{ {0}_reset(arena.bytes); }}\n\n",
          name_);
    }
    if (p_.answer.seed != 0) {
      out += fmt::format(
          "// Whether the model gives its known answer; overwrites the arena.\n"
          "inline bool selftest(Arena& arena) {{ return {}_selftest(arena.bytes) == 1; }}\n\n",
          name_);
    }
    return out + fmt::format("}}  // namespace {}\n", name_);
  }

  [[nodiscard]] std::string source() const {
    std::string out = banner("the layers, in the order they run");
    out += fmt::format("#include \"{0}.h\"\n\n#include <cstdint>\n{1}\n", name_,
                       uses_carry_ || !info_.states.empty() ? "#include <cstring>\n" : "");
    if (p_.answer.seed != 0) out += "#include \"contract/wire/crc32.h\"\n#include \"contract/wire/model_image.h\"\n";
    for (const std::string& header : kernel_headers_) out += fmt::format("#include \"{}\"\n", header);
    out += fmt::format("#include \"{0}_weights.h\"\n\n", name_);
    if (!options_.marks.empty()) out += "#include \"mote_marks.h\"\n\n";
    if (options_.trace)
      out += "extern \"C\" void mote_trace(std::uint32_t layer, const void* data, std::uint32_t bytes);\n\n";
    out += fmt::format("namespace {} {{\nnamespace {{\n\n", name_);
    out +=
        "// The tensor of type T that starts `offset` bytes into the arena.\n"
        "template <class T>\nT* at(std::uint8_t* arena, std::uint32_t offset) {\n"
        "  return static_cast<T*>(static_cast<void*>(arena + offset));\n}\n\n";
    if (uses_carry_) {
      out +=
          "// Moves rows that the next turn needs again to the front of their buffer.\n"
          "void carry(std::uint8_t* arena, std::uint32_t to, std::uint32_t from, std::uint32_t row_bytes, "
          "std::uint32_t rows) {\n"
          "  for (; rows > 0; --rows, to += row_bytes, from += row_bytes) std::memcpy(arena + to, arena + from, "
          "row_bytes);\n}\n\n";
    }
    out += guards_text();
    out += layers_;
    // A model of reshapes alone has nothing to run.
    return out +
           fmt::format(
               "}}  // namespace\n}}  // namespace {0}\n\nextern \"C\" void {0}_invoke(std::uint8_t* {1}) {{\n{2}}}\n",
               name_, invoke_.empty() ? "/*arena*/" : "arena",
               painted_invoke() +
                   (options_.marks.empty() ? "" : fmt::format("  mote_mark({});\n", info_.layers.size()))) +
           reset_ + selftest_text();
  }

  [[nodiscard]] std::string weights_header() const {
    return banner("declarations of the constants") + "#pragma once\n\n#include <cstdint>\n\n" +
           fmt::format("namespace {0}::weights {{\n\n{1}\n}}  // namespace {0}::weights\n", name_, declarations_);
  }

  [[nodiscard]] std::string weights_source() const {
    return banner("the constants: weights and biases of the model, multipliers and tables derived from its scales") +
           fmt::format("#include \"{0}_weights.h\"\n\nnamespace {0}::weights {{\n\n{1}}}  // namespace {0}::weights\n",
                       name_, definitions_);
  }

 private:
  [[nodiscard]] std::string banner(std::string_view what) const {
    return fmt::format("/* {}: {}. Generated by mote {} from {}; do not edit. */\n", name_, what, MOTE_VERSION,
                       comment(std::filesystem::path(p_.graph.source).filename().string()));
  }

  PortInfo port(TensorId id) const {
    const Tensor& t = p_.graph.tensor(id);
    return {t.name, t.type, t.shape, t.quant, p_.placement.tensor_offset[static_cast<std::size_t>(id)], t.size_bytes()};
  }

  std::string port_macros(std::string_view kind, const std::vector<PortInfo>& ports) const {
    std::string out = fmt::format("#define {}_{}_COUNT {}\n", upper(name_), kind, ports.size());
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const PortInfo& p = ports[i];
      const std::string macro = fmt::format("{}_{}_{}", upper(name_), kind, i);
      out += fmt::format("/* {} {}: \"{}\" {}{}{} */\n", kind == "INPUT" ? "input" : "output", i, comment(p.name),
                         name_of(p.type), text_of(p.shape), quant_text(p.quant));
      out += fmt::format("#define {0}_OFFSET {1}\n#define {0}_BYTES {2}\n#define {0}_ELEMENTS {3}\n", macro,
                         p.offset_bytes, p.size_bytes, elements(p.shape));
      if (p.quant.scale.size() == 1) {
        out += fmt::format("#define {0}_SCALE {1}\n#define {0}_ZERO_POINT ({2})\n", macro,
                           float_literal(p.quant.scale[0]), p.quant.zero_point[0]);
      }
    }
    return out + "\n";
  }

  static std::string accessors(std::string_view kind, std::string_view constness, const std::vector<PortInfo>& ports) {
    std::string out;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const PortInfo& p = ports[i];
      const auto type = cpp_name_of(p.type);
      out += fmt::format("// {} {}: \"{}\" {}{}{}\n", kind, i, comment(p.name), name_of(p.type), text_of(p.shape),
                         quant_text(p.quant));
      out += fmt::format(
          "inline {3}{2}* {0}_{1}({3}Arena& arena) {{\n  return static_cast<{3}{2}*>(static_cast<{3}void*>("
          "arena.bytes + {4}));\n}}\ninline constexpr std::size_t k{5}{1}Elements = {6};\n\n",
          kind, i, type, constness, p.offset_bytes, kind == "input" ? "Input" : "Output", elements(p.shape));
    }
    return out;
  }

  // The layers, after the guards of the inputs are painted.
  [[nodiscard]] std::string painted_invoke() const {
    return invoke_.empty() || p_.placement.guards.empty() ? invoke_
                                                          : fmt::format("  {}::paint(arena, -1);\n", name_) + invoke_;
  }

  // The guards between buffers, and the functions that paint and check those that live at a step.
  [[nodiscard]] std::string guards_text() const {
    if (p_.placement.guards.empty()) return "";
    std::string rows;
    for (const Guard& g : p_.placement.guards) {
      rows += fmt::format("    {{{}, {}, {}, {}, \"{}\"}},\n", g.offset_bytes, g.size_bytes, g.first, g.last,
                          comment(g.buffer));
    }
    return fmt::format(
        "// Bytes behind a buffer that nobody may write from before layer `first` until after layer `last`.\n"
        "struct Guard {{\n  std::uint32_t offset, bytes;\n  std::int32_t first, last;\n  const char* buffer;\n}};\n"
        "constexpr Guard kGuards[] = {{\n{}}};\nconstexpr std::uint8_t kPaint = 0xC5;\n\n"
        "void paint(std::uint8_t* arena, std::int32_t layer) {{\n  for (const Guard& g : kGuards) {{\n"
        "    if (g.first != layer) continue;\n"
        "    for (std::uint32_t i = 0; i < g.bytes; ++i) arena[g.offset + i] = kPaint;\n  }}\n}}\n\n"
        "void check(const std::uint8_t* arena, std::int32_t layer, const char* name) {{\n"
        "  for (const Guard& g : kGuards) {{\n    if (layer < g.first || layer > g.last) continue;\n"
        "    bool is_whole = true;\n"
        "    for (std::uint32_t i = 0; i < g.bytes; ++i) is_whole = is_whole && arena[g.offset + i] == kPaint;\n"
        "    if (!is_whole) mote_canary(g.buffer, name);\n  }}\n}}\n\n",
        rows);
  }

  [[nodiscard]] static std::string places_text(const std::vector<PortInfo>& ports) {
    std::string out;
    for (const PortInfo& p : ports) out += fmt::format("{{{}, {}}}, ", p.offset_bytes, p.size_bytes);
    return out;
  }

  [[nodiscard]] std::string selftest_text() const {
    if (p_.answer.seed == 0) return "";
    return fmt::format(
        "\nextern \"C\" int {0}_selftest(std::uint8_t* arena) {{\n  struct Place {{\n    std::uint32_t offset, bytes;\n"
        "  }};\n  constexpr Place kInputs[] = {{{1}}};\n  constexpr Place kOutputs[] = {{{2}}};\n"
        "  std::uint32_t state = {3}U;\n  for (const Place& p : kInputs) {{\n"
        "    for (std::uint32_t i = 0; i < p.bytes; ++i) {{\n      state = mote::image_random(state);\n"
        "      arena[p.offset + i] = static_cast<std::uint8_t>(state >> 24);\n    }}\n  }}\n{5}  {0}_invoke(arena);\n"
        "  std::uint32_t crc = 0;\n"
        "  for (const Place& p : kOutputs) crc = mote::crc32(arena + p.offset, p.bytes, crc);\n"
        "  return crc == {4}U ? 1 : 0;\n}}\n",
        name_, places_text(info_.inputs), places_text(info_.outputs), p_.answer.seed, p_.answer.crc,
        info_.states.empty() ? "" : fmt::format("  {}_reset(arena);\n", name_));
  }

  // The call of a layer's function, between painting and checking the guards where there are some.
  void add_call(std::size_t n, const std::string& function) {
    const bool has_guards = !p_.placement.guards.empty();
    if (has_guards) invoke_ += fmt::format("  {}::paint(arena, {});\n", name_, n);
    invoke_ += fmt::format("  {}::{}(arena);\n", name_, function);
    if (has_guards) invoke_ += fmt::format("  {0}::check(arena, {1}, \"{2}\");\n", name_, n, function);
  }

  // Emits a constant array once and returns its name.
  std::string emit_constant(const std::string& name, DType type, const std::vector<std::uint8_t>& bytes,
                            const std::string& about) {
    if (!emitted_.insert(name).second) return "weights::" + name;
    const auto type_name = type == DType::boolean ? cpp_name_of(DType::u8) : cpp_name_of(type);
    const auto count = bytes.size() / static_cast<std::size_t>(size_bytes(type));
    const std::string array = fmt::format("const {} {}[{}]", type_name, name, count);
    declarations_ += fmt::format("extern {};  // {}\n", array, about);
    // Kernels may read small elements a word at a time.
    const std::string alignment = size_bytes(type) < 4 ? "alignas(4) " : "";
    definitions_ += fmt::format("// {}\n{}{} = {{\n{}}};\n\n", about, alignment, array, array_body(type, bytes));
    return "weights::" + name;
  }

  // The C++ expression of one kernel argument.
  std::string argument(std::size_t n, const KernelCall& call, const KernelArg& arg, const std::string& layer) {
    switch (arg.kind) {
      case KernelArg::Kind::constant: {
        const Constant& c = call.constants.at(arg.constant);
        std::string label = c.label;
        label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
        const std::string name = fmt::format("k{}{}", layer, label);
        if (emitted_.find(name) == emitted_.end()) {
          info_.weight_bytes += c.weight_bytes;
          info_.derived_bytes += static_cast<std::int64_t>(c.bytes.size()) - c.weight_bytes;
        }
        return emit_constant(name, c.type, c.bytes, fmt::format("{} of layer {}", c.label, n));
      }
      case KernelArg::Kind::scratch:
        return call.scratch_bytes == 0 ? "nullptr" : fmt::format("arena + {}", p_.placement.scratch_offset[n]);
      case KernelArg::Kind::tensor: break;
    }
    const Tensor& t = p_.graph.tensor(arg.tensor);
    const Node& node = p_.graph.nodes[n];
    if (p_.is_stored_constant(arg.tensor)) {
      const TensorId id = p_.storage[static_cast<std::size_t>(arg.tensor)];
      const std::string name = fmt::format("kTensor{}", id);
      if (emitted_.find(name) == emitted_.end()) info_.weight_bytes += t.size_bytes();
      return emit_constant(name, t.type, p_.graph.tensor(id).data, tensor_text(t));
    }
    const bool written = std::find(node.outputs.begin(), node.outputs.end(), arg.tensor) != node.outputs.end();
    return fmt::format("at<{}{}>(arena, {})", written ? "" : "const ", cpp_name_of(t.type),
                       p_.placement.tensor_offset[static_cast<std::size_t>(arg.tensor)]);
  }

  void need_kernel(const KernelCall& call) {
    kernel_headers_.insert(std::string(call.row->header));
    const std::filesystem::path folder = std::filesystem::path(call.row->header).parent_path();
    kernel_sources_.insert((folder / fmt::format("{}.cc", call.row->name)).string());
  }

  static std::string params_text(const KernelCall& call, const std::string& name) {
    std::string out = fmt::format("constexpr mote::{} k{}Params = {{\n", call.params.type, name);
    for (const auto& [field, value] : call.params.fields) out += fmt::format("    /*{}=*/{},\n", field, value);
    return out + "};\n";
  }

  // Where rows of a tensor lie, as an offset into the arena in terms of the loop's `turn`.
  [[nodiscard]] std::string rows_text(const RowSpan& span) const {
    const std::int64_t row = p_.row_bytes(span.tensor);
    const std::int64_t at = p_.placement.tensor_offset[static_cast<std::size_t>(span.tensor)] + span.slot * row;
    return span.slot_step == 0 ? std::to_string(at) : fmt::format("{} + turn * {}", at, span.slot_step * row);
  }

  std::string row_call_text(const Fused& run, const RowCall& row_call, const std::string& indent) {
    if (row_call.call == RowCall::kCarry) {
      const RowSpan& span = row_call.spans.at(0);
      RowSpan front = span;
      front.slot = 0;
      front.slot_step = 0;
      uses_carry_ = true;
      return fmt::format("{}carry(arena, {}, {}, {}, {});\n", indent, rows_text(front), rows_text(span),
                         p_.row_bytes(span.tensor), span.count);
    }
    const KernelCall& call = run.calls.at(row_call.call);
    std::string out =
        fmt::format("{}mote::kernels::{}(kLayer{:02}Call{}Params", indent, call.row->name, run.first, row_call.call);
    std::size_t next = 0;
    for (const KernelArg& arg : call.args) {
      std::string text;
      if (arg.kind == KernelArg::Kind::tensor && !p_.is_stored_constant(arg.tensor)) {
        const bool written = arg.tensor == p_.graph.nodes[row_call.node].outputs[0];
        text = fmt::format("at<{}{}>(arena, {})", written ? "" : "const ",
                           cpp_name_of(p_.graph.tensor(arg.tensor).type), rows_text(row_call.spans.at(next++)));
      } else if (arg.kind == KernelArg::Kind::scratch) {
        text = argument(run.first, call, arg, "");
      } else {
        text = argument(row_call.node, call, arg, fmt::format("Layer{:02}", row_call.node));
      }
      out += fmt::format(",\n{}    {}", indent, text);
    }
    return out + ");\n";
  }

  // Several operators as one function: a loop over bands of rows, with what differs at the top and the bottom unrolled.
  void write_run(const Fused& run) {
    const std::string function = fmt::format("layer_{:02}_to_{:02}", run.first, run.last);
    std::int64_t macs = 0;
    std::string operators;
    std::string params;
    layers_ += fmt::format("// Layers {} to {} in bands of rows: what flows between them is never whole\n", run.first,
                           run.last);
    for (std::size_t n = run.first; n <= run.last; ++n) {
      const Node& node = p_.graph.nodes[n];
      macs += op_row(node.kind).def->macs(p_.graph, node);
      layers_ += fmt::format("//   {} \"{}\"\n", name_of(node.kind), comment(node.name));
      for (const TensorId id : node.inputs) {
        if (id != kNoTensor && !p_.is_stored_constant(id))
          layers_ += fmt::format("//     in  {}\n", tensor_text(p_.graph.tensor(id)));
      }
      for (const TensorId id : node.outputs)
        layers_ += fmt::format("//     out {}\n", tensor_text(p_.graph.tensor(id)));
      operators += fmt::format("{}{}", operators.empty() ? "" : " + ", name_of(node.kind));
    }
    for (std::size_t c = 0; c < run.calls.size(); ++c) {
      need_kernel(run.calls[c]);
      params += params_text(run.calls[c], fmt::format("Layer{:02}Call{}", run.first, c));
    }
    std::string body;
    for (const Phase& phase : run.phases) {
      const bool loops = phase.turns > 1;
      if (loops) body += fmt::format("  for (std::uint32_t turn = 0; turn < {}; ++turn) {{\n", phase.turns);
      for (const RowCall& call : phase.calls) body += row_call_text(run, call, loops ? "    " : "  ");
      if (loops) body += "  }\n";
    }
    layers_ += params + fmt::format("[[gnu::noinline]] void {}(std::uint8_t* arena) {{\n{}}}\n\n", function, body);
    add_mark();
    add_call(run.first, function);
    const Node& last = p_.graph.nodes[run.last];
    add_trace(last.outputs);
    info_.layers.push_back({function, "fused", last.name, operators, p_.graph.tensor(last.outputs[0]).shape, macs});
  }

  void add_mark() {
    if (!options_.marks.empty()) invoke_ += fmt::format("  mote_mark({});\n", info_.layers.size());
  }

  void add_trace(const std::vector<TensorId>& outputs) {
    if (!options_.trace) return;
    for (const TensorId id : outputs) {
      invoke_ +=
          fmt::format("  mote_trace({}, arena + {}, {});\n", info_.layers.size(),
                      p_.placement.tensor_offset[static_cast<std::size_t>(id)], p_.graph.tensor(id).size_bytes());
    }
  }

  [[nodiscard]] std::int64_t state_bytes() const {
    std::int64_t sum = 0;
    for (const PortInfo& state : info_.states) sum += state.size_bytes;
    return sum;
  }

  // What keeps state: copies of new values that could not be made in place, as the last layer, and reset.
  void write_states() {
    std::string copies;
    for (const std::size_t s : p_.store_order) {
      const State& state = p_.graph.states[s];
      if (p_.is_state_in_place(state)) continue;
      const Tensor& t = p_.graph.tensor(state.in);
      const std::string from =
          p_.is_stored_constant(state.out)
              ? emit_constant(fmt::format("kTensor{}", p_.storage_of(state.out)), t.type,
                              p_.graph.tensor(p_.storage_of(state.out)).data, tensor_text(p_.graph.tensor(state.out)))
              : fmt::format("arena + {}", p_.placement.tensor_offset[static_cast<std::size_t>(state.out)]);
      copies += fmt::format("  std::memcpy(arena + {}, {}, {});  // \"{}\"\n", info_.states[s].offset_bytes, from,
                            t.size_bytes(), comment(state.name));
    }
    if (!copies.empty()) {
      layers_ += "// What the next run finds as state\n[[gnu::noinline]] void store_state(std::uint8_t* arena) {\n" +
                 copies + "}\n\n";
      invoke_ += fmt::format("  {}::store_state(arena);\n", name_);
      info_.layers.push_back({"store_state", "state", "state", "memcpy", {}, 0});
    }
    if (info_.states.empty()) return;
    std::string values;
    for (std::size_t s = 0; s < info_.states.size(); ++s) {
      const State& state = p_.graph.states[s];
      const std::vector<std::uint8_t>& v = state.initial;
      if (std::all_of(v.begin(), v.end(), [&](std::uint8_t b) { return b == v[0]; })) {
        values += fmt::format("  std::memset(arena + {}, {}, {});", info_.states[s].offset_bytes, v[0], v.size());
      } else {
        values += fmt::format("  std::memcpy(arena + {}, {}::{}, {});", info_.states[s].offset_bytes, name_,
                              emit_constant(fmt::format("kState{}", s), p_.graph.tensor(state.in).type, v,
                                            fmt::format("initial value of \"{}\"", comment(state.name))),
                              v.size());
        info_.derived_bytes += static_cast<std::int64_t>(v.size());
      }
      values += fmt::format("  // \"{}\" {}\n", comment(state.name), tensor_text(p_.graph.tensor(state.in)));
    }
    reset_ = fmt::format("\nextern \"C\" void {}_reset(std::uint8_t* arena) {{\n{}}}\n", name_, values);
  }

  void write_layer(std::size_t n) {
    const Node& node = p_.graph.nodes[n];
    const Tensor& out = p_.graph.tensor(node.outputs[0]);
    const std::string function = fmt::format("layer_{:02}_{}", n, name_of(node.kind));
    const std::int64_t macs = op_row(node.kind).def->macs(p_.graph, node);
    std::string body;
    std::string params;
    const std::vector<KernelCall>& calls = p_.nodes[n].calls;
    for (std::size_t c = 0; c < calls.size(); ++c) {
      const KernelCall& call = calls[c];
      const std::string layer =
          calls.size() == 1 ? fmt::format("Layer{:02}", n) : fmt::format("Layer{:02}Part{}", n, c);
      need_kernel(call);
      params += params_text(call, layer);
      body += fmt::format("  mote::kernels::{}(k{}Params", call.row->name, layer);
      for (const KernelArg& arg : call.args) body += ",\n      " + argument(n, call, arg, layer);
      body += ");\n";
    }
    layers_ += fmt::format("// Layer {}: {} \"{}\"", n, name_of(node.kind), comment(node.name));
    if (macs > 0) layers_ += fmt::format(", {} MACs", macs);
    layers_ += "\n";
    for (const TensorId id : node.inputs) {
      if (id != kNoTensor && !p_.is_stored_constant(id))
        layers_ += fmt::format("//   in  {}\n", tensor_text(p_.graph.tensor(id)));
    }
    for (const TensorId id : node.outputs) layers_ += fmt::format("//   out {}\n", tensor_text(p_.graph.tensor(id)));
    layers_ += params + fmt::format("[[gnu::noinline]] void {}(std::uint8_t* arena) {{\n{}}}\n\n", function, body);
    add_mark();
    add_call(n, function);
    add_trace(node.outputs);
    info_.layers.push_back(
        {function, std::string(name_of(node.kind)), node.name, std::string(calls[0].row->name), out.shape, macs});
  }

  const Program& p_;
  const WriterOptions& options_;
  std::string name_;
  GeneratedModel info_;
  Names kernel_headers_;
  Names kernel_sources_;
  Names emitted_;
  bool uses_carry_ = false;
  std::string layers_;
  std::string invoke_;
  std::string reset_;
  std::string declarations_;
  std::string definitions_;
};

std::string cmake_lists(const std::string& target, const std::vector<std::string>& sources) {
  std::string out = fmt::format(
      "# Generated by mote {}: add_subdirectory() this folder and link {}.\n"
      "cmake_minimum_required(VERSION 3.16)\nproject({} LANGUAGES CXX)\n\n"
      "# Folders made by one version of mote share kernels when they are linked together; two versions would clash.\n"
      "get_property(mote_version GLOBAL PROPERTY MOTE_GENERATED_BY)\n"
      "if(mote_version AND NOT mote_version STREQUAL \"{}\")\n"
      "  message(FATAL_ERROR \"this project also links models generated by mote ${{mote_version}}: generate all with "
      "one version\")\n"
      "endif()\nset_property(GLOBAL PROPERTY MOTE_GENERATED_BY \"{}\")\n\nadd_library({} STATIC\n",
      MOTE_VERSION, target, target, MOTE_VERSION, MOTE_VERSION, target);
  for (const std::string& s : sources) out += fmt::format("  {}\n", s);
  out += fmt::format(
      ")\ntarget_include_directories({0} PUBLIC ${{CMAKE_CURRENT_SOURCE_DIR}})\n"
      "target_compile_features({0} PUBLIC cxx_std_17)\n"
      "# Floats are exact only without fused multiply-add; sections let the linker drop what nothing calls.\n"
      "target_compile_options({0} PRIVATE -ffp-contract=off -fno-exceptions -fno-rtti -ffunction-sections "
      "-fdata-sections)\n",
      target);
  return out;
}

}  // namespace

Result<GeneratedCode> write_code(std::span<const Program> programs, const std::filesystem::path& folder,
                                 const WriterOptions& options) {
  GeneratedCode code;
  Names files;
  Names kernel_sources;
  const auto write = [&](const std::string& name, const std::string& text) { return write_file(folder / name, text); };
  for (const Program& program : programs) {
    const ModelWriter model(program, options);
    const std::string& name = model.info().name;
    for (const GeneratedModel& other : code.models) {
      if (other.name == name) {
        return Error{fmt::format("two models would both be called '{}'", name), program.graph.source,
                     "rename one of the files or give --name"};
      }
    }
    MOTE_TRY(write(name + ".h", model.c_header()));
    MOTE_TRY(write(name + ".hpp", model.cpp_header()));
    MOTE_TRY(write(name + ".cc", model.source()));
    MOTE_TRY(write(name + "_weights.h", model.weights_header()));
    MOTE_TRY(write(name + "_weights.cc", model.weights_source()));
    code.sources.push_back(name + ".cc");
    code.sources.push_back(name + "_weights.cc");
    if (program.answer.seed != 0) {
      MOTE_TRY(add_with_includes("contract/wire/crc32.h", files));
      MOTE_TRY(add_with_includes("contract/wire/model_image.h", files));
    }
    for (const std::string& path : model.kernel_headers()) MOTE_TRY(add_with_includes(path, files));
    for (const std::string& path : model.kernel_sources()) MOTE_TRY(add_with_includes(path, files));
    kernel_sources.insert(model.kernel_sources().begin(), model.kernel_sources().end());
    code.models.push_back(model.info());
  }
  for (const std::string& path : files) MOTE_TRY(write(path, std::string(*find_resource(path))));
  code.sources.insert(code.sources.end(), kernel_sources.begin(), kernel_sources.end());
  if (!options.marks.empty()) {
    const auto copy = [&](const std::string& from, const std::string& to) {
      return write(to, std::string(find_resource("ports/marks/" + from).value_or("")));
    };
    MOTE_TRY(copy("mote_marks.h", "mote_marks.h"));
    MOTE_TRY(copy("mote_marks.cc", "mote_marks.cc"));
    MOTE_TRY(copy("cycles_" + options.marks + ".cc", "mote_cycles.cc"));
    code.sources.insert(code.sources.end(), {"mote_marks.cc", "mote_cycles.cc"});
  }
  MOTE_TRY(write("CMakeLists.txt",
                 cmake_lists(code.models.size() == 1 ? code.models[0].name : "mote_models", code.sources)));
  return code;
}

}  // namespace mote
