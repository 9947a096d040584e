// Reading operator.toml, compiling the kernel, and the test of a kernel against its float reference.
#include "host/driver/custom.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <set>

#include <dlfcn.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include "host/base/file.h"
#include "host/base/identifier.h"
#include "host/base/process.h"
#include "host/base/resources.h"
#include "host/base/suggest.h"
#include "host/emulate/board.h"
#include "host/emulate/compile.h"
#include "host/ir/custom_ops.h"
#include "host/ops/custom.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

using ReferenceThunk = void (*)(const void* params, float* const* args);

constexpr const char* kGuide = "see docs/guides/custom_operators.md";

// A tensor of a test; what is absent is the type's.
struct TestTensor {
  Shape shape;  // of an input
  Quant quant;
  double low = 0, high = 0;  // real values that an input takes; equal: all of the type
};

struct CustomTest {
  std::map<std::string, TestTensor> tensors;
  std::map<std::string, double> options;
  double tolerance = 1;
};

struct Description {
  CustomOp op;
  std::vector<CustomTest> tests;
};

struct Loaded {
  OpKind kind{};
  ReferenceThunk reference = nullptr;
  std::vector<CustomTest> tests;
};

// Names a key that is not among the known ones.
Status check_keys(const toml::table& table, const std::string& where, const std::vector<std::string>& known) {
  for (const auto& [key, value] : table) {
    if (std::ranges::find(known, std::string(key.str())) != known.end()) continue;
    const std::string near = nearest(key.str(), known);
    return Error{fmt::format("'{}' is not a key here", key.str()), fmt::format("{}:{}", where, key.source().begin.line),
                 near.empty() ? kGuide : fmt::format("did you mean '{}'?", near)};
  }
  return {};
}

Error wrong(const toml::node& node, const std::string& where, std::string what) {
  return {std::move(what), fmt::format("{}:{}", where, node.source().begin.line), kGuide};
}

bool is_lower_identifier(const std::string& name) {
  return !name.empty() && identifier(name) == name && std::islower(static_cast<unsigned char>(name[0])) != 0 &&
         std::ranges::none_of(name, [](unsigned char c) { return std::isupper(c) != 0; });
}

// Reads operator.toml, table by table.
class Reader {
 public:
  Reader(const toml::table& root, std::string where, const fs::path& folder)
      : root_(root), where_(std::move(where)), folder_(folder) {}

  Result<Description> run() {
    MOTE_TRY(check_keys(
        root_, where_,
        {"name", "kernel", "inputs", "outputs", "options", "params", "scratch_bytes", "macs", "in_place", "test"}));
    CustomOp& op = out_.op;
    MOTE_TRY(text(root_, "name", op.tflite_name, true));
    op.name = identifier(folder_.filename().string());
    MOTE_TRY(text(root_, "kernel", op.name, false));
    if (!is_lower_identifier(op.name)) {
      return wrong(root_, where_, fmt::format("'{}' cannot name a kernel; state kernel = \"lower_case\"", op.name));
    }
    op.header = fmt::format("custom/{0}/{0}.h", op.name);
    bool begins = true;
    for (const char c : op.name) {
      if (c != '_') op.params_type += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      begins = c == '_';
    }
    op.params_type += "Params";
    MOTE_TRY(tensors("inputs", op.inputs, {"name", "type", "rank"}));
    MOTE_TRY(tensors("outputs", op.outputs, {"name", "type", "shape"}));
    MOTE_TRY(options());
    MOTE_TRY(params());
    MOTE_TRY(expression(root_, "scratch_bytes", op.scratch_bytes));
    MOTE_TRY(expression(root_, "macs", op.macs));
    MOTE_TRY(in_place());
    MOTE_TRY(distinct_names());
    if (Status s = check_expressions(op); !s.ok()) return std::move(s).error().in(where_);
    MOTE_TRY(tests());
    return std::move(out_);
  }

 private:
  Status text(const toml::table& table, std::string_view key, std::string& out, bool required) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return required ? Status(wrong(table, where_, fmt::format("'{}' is missing", key))) : Status();
    }
    const auto value = node->value_exact<std::string>();
    constexpr std::size_t kMost = 200;
    if (!value || value->empty() || value->size() > kMost) {
      return wrong(*node, where_, fmt::format("'{}' must be a string", key));
    }
    out = *value;
    return {};
  }

  // A string, or a number as one writes it.
  Status expression(const toml::table& table, std::string_view key, std::string& out) const {
    const toml::node* node = table.get(key);
    return node == nullptr ? Status() : expression(*node, key, out);
  }
  Status expression(const toml::node& node, std::string_view key, std::string& out) const {
    if (const auto text = node.value_exact<std::string>()) {
      out = *text;
    } else if (const auto number = node.value<double>()) {
      out = fmt::format("{}", *number);
    } else {
      return wrong(node, where_, fmt::format("'{}' must be a number or an expression", key));
    }
    return {};
  }

  Result<double> number(const toml::node& node, std::string_view key) const {
    const auto value = node.value<double>();
    if (!value || !std::isfinite(*value)) return wrong(node, where_, fmt::format("'{}' must be a number", key));
    return *value;
  }

  Status tensors(std::string_view key, std::vector<CustomTensor>& out, const std::vector<std::string>& known) const {
    const toml::array* array = root_[key].as_array();
    constexpr std::size_t kMost = 64;
    if (array == nullptr || array->empty() || array->size() > kMost) {
      return wrong(root_, where_, fmt::format("'{0}' is missing: one [[{0}]] per tensor", key));
    }
    for (const toml::node& node : *array) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return wrong(node, where_, fmt::format("'{}' must be tables", key));
      MOTE_TRY(check_keys(*table, where_, known));
      CustomTensor t;
      std::string type;
      MOTE_TRY(text(*table, "name", t.name, true));
      MOTE_TRY(text(*table, "type", type, true));
      const auto dtype = dtype_from_name(type);
      if (!dtype)
        return wrong(node, where_, fmt::format("type '{}' is none of f32, s8, u8, s16, s32, s64, boolean", type));
      t.type = *dtype;
      if (const toml::node* rank = table->get("rank")) {
        t.rank = rank->value_exact<std::int64_t>();
        if (!t.rank || *t.rank < 0) return wrong(*rank, where_, "'rank' must be a number of dimensions");
      }
      if (key == "outputs") {
        const toml::array* dims = (*table)["shape"].as_array();
        if (dims == nullptr) return wrong(*table, where_, "'shape' is missing: a list of dimensions");
        for (const toml::node& dim : *dims) MOTE_TRY(expression(dim, "shape", t.shape.emplace_back()));
      }
      out.push_back(std::move(t));
    }
    return {};
  }

  Status options() {
    if (!root_.contains("options")) return {};
    const toml::table* table = root_["options"].as_table();
    if (table == nullptr) return wrong(root_, where_, "'options' must be a table");
    for (const auto& [key, node] : *table) {
      const toml::table* option = node.as_table();
      if (option == nullptr) return wrong(node, where_, fmt::format("option '{}' must be a table", key.str()));
      MOTE_TRY(check_keys(*option, where_, {"default", "at", "type"}));
      CustomOption o{std::string(key.str()), {}, false, {}};
      if (const toml::node* at = option->get("at")) {
        o.at = at->value_exact<std::int64_t>();
        constexpr std::int64_t kMost = 1 << 16;
        if (!o.at || *o.at < 0 || *o.at > kMost) return wrong(*at, where_, "'at' must be a byte's number");
      }
      MOTE_TRY(is_real(*option, o.is_real));
      if (const toml::node* fallback = option->get("default")) {
        MOTE_LET(value, number(*fallback, "default"));
        o.fallback = value;
      }
      out_.op.options.push_back(std::move(o));
    }
    return {};
  }

  Status is_real(const toml::table& table, bool& out) const {
    std::string type = "s32";
    MOTE_TRY(text(table, "type", type, false));
    if (type != "s32" && type != "f32")
      return wrong(table, where_, fmt::format("type '{}' is neither s32 nor f32", type));
    out = type == "f32";
    return {};
  }

  Status params() {
    if (!root_.contains("params")) return {};
    const toml::array* array = root_["params"].as_array();
    if (array == nullptr) return wrong(root_, where_, "'params' must be tables: one [[params]] per field");
    for (const toml::node& node : *array) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return wrong(node, where_, "'params' must be tables");
      MOTE_TRY(check_keys(*table, where_, {"name", "type", "value"}));
      CustomParam p;
      MOTE_TRY(text(*table, "name", p.name, true));
      MOTE_TRY(is_real(*table, p.is_real));
      p.value = p.name;  // the option of that name
      MOTE_TRY(expression(*table, "value", p.value));
      out_.op.params.push_back(std::move(p));
    }
    return {};
  }

  Status in_place() {
    std::string name;
    MOTE_TRY(text(root_, "in_place", name, false));
    if (name.empty()) return {};
    const auto& inputs = out_.op.inputs;
    const auto at = std::ranges::find(inputs, name, &CustomTensor::name);
    if (at == inputs.end()) return wrong(root_, where_, fmt::format("'in_place' names '{}', which is no input", name));
    out_.op.in_place = static_cast<std::size_t>(at - inputs.begin());
    return {};
  }

  // Names become parameters and fields in C++, and names in expressions.
  Status distinct_names() const {
    std::set<std::string> seen;
    const auto take = [&](const std::string& name) -> Status {
      if (!is_lower_identifier(name) || name == "p" || name == "scratch" || name == "options" || name == "tolerance") {
        return wrong(root_, where_, fmt::format("'{}' cannot be a name: write lower_case", name));
      }
      if (!seen.insert(name).second) return wrong(root_, where_, fmt::format("the name '{}' is given twice", name));
      return {};
    };
    for (const CustomParam& p : out_.op.params) MOTE_TRY(take(p.name));
    seen.clear();
    for (const auto* tensors : {&out_.op.inputs, &out_.op.outputs}) {
      for (const CustomTensor& t : *tensors) MOTE_TRY(take(t.name));
    }
    for (const CustomOption& o : out_.op.options) MOTE_TRY(take(o.name));
    return {};
  }

  Status tests() {
    if (!root_.contains("test")) return {};
    const toml::array* array = root_["test"].as_array();
    if (array == nullptr) return wrong(root_, where_, "'test' must be tables: one [[test]] per case");
    std::vector<std::string> known = {"tolerance", "options"};
    for (const auto* tensors : {&out_.op.inputs, &out_.op.outputs}) {
      for (const CustomTensor& t : *tensors) known.push_back(t.name);
    }
    for (const toml::node& node : *array) {
      const toml::table* table = node.as_table();
      if (table == nullptr) return wrong(node, where_, "'test' must be tables");
      MOTE_TRY(check_keys(*table, where_, known));
      CustomTest test;
      if (const toml::node* tolerance = table->get("tolerance")) {
        MOTE_LET(value, number(*tolerance, "tolerance"));
        test.tolerance = value;
      }
      if (const toml::table* options = (*table)["options"].as_table()) {
        std::vector<std::string> names;
        for (const CustomOption& o : out_.op.options) names.push_back(o.name);
        MOTE_TRY(check_keys(*options, where_, names));
        for (const auto& [key, value] : *options) {
          MOTE_LET(given, number(value, key.str()));
          test.options[std::string(key.str())] = given;
        }
      }
      for (const CustomTensor& t : out_.op.inputs) MOTE_TRY(test_tensor(*table, t, true, test));
      for (const CustomTensor& t : out_.op.outputs) MOTE_TRY(test_tensor(*table, t, false, test));
      out_.tests.push_back(std::move(test));
    }
    return {};
  }

  Status test_tensor(const toml::table& test, const CustomTensor& t, bool is_input, CustomTest& out) const {
    const toml::table* table = test[t.name].as_table();
    if (table == nullptr) {
      return is_input ? Status(wrong(test, where_, fmt::format("the test lacks '{} = {{ shape = [...] }}'", t.name)))
                      : Status();
    }
    MOTE_TRY(check_keys(*table, where_,
                        is_input ? std::vector<std::string>{"shape", "scale", "zero_point", "low", "high"}
                                 : std::vector<std::string>{"scale", "zero_point"}));
    TestTensor made;
    if (is_input) {
      const toml::array* dims = (*table)["shape"].as_array();
      for (std::size_t i = 0; dims != nullptr && i < dims->size(); ++i) {
        made.shape.push_back((*dims)[i].value_exact<std::int64_t>().value_or(0));
        constexpr std::int64_t kMost = 1 << 22;  // a test's
        if (made.shape.back() < 1 || elements(made.shape) > kMost || made.shape.size() > kMaxRank) dims = nullptr;
      }
      if (dims == nullptr) return wrong(*table, where_, fmt::format("'{}' needs a sound shape", t.name));
    }
    if (const toml::node* scale = table->get("scale")) {
      MOTE_LET(value, number(*scale, "scale"));
      const auto zero_point = (*table)["zero_point"].value<std::int64_t>().value_or(0);
      if (!std::isnormal(static_cast<float>(value)) || value < 0 || std::abs(zero_point) > INT16_MAX) {
        return wrong(*scale, where_, "scale and zero point are none");
      }
      made.quant = {{static_cast<float>(value)}, {static_cast<std::int32_t>(zero_point)}, 0};
    }
    made.low = (*table)["low"].value<double>().value_or(0);
    made.high = (*table)["high"].value<double>().value_or(0);
    out.tensors[t.name] = std::move(made);
    return {};
  }

  const toml::table& root_;
  std::string where_;
  const fs::path& folder_;
  Description out_;
};

fs::path clean(const fs::path& folder) {
  std::error_code failure;
  const fs::path absolute = fs::weakly_canonical(folder, failure);
  const fs::path path = failure ? folder : absolute;
  return path.has_filename() ? path : path.parent_path();
}

Result<Description> read_description(const fs::path& folder) {
  const fs::path file = folder / "operator.toml";
  MOTE_LET(text, read_text_file(file));
  toml::table root;
  try {
    root = toml::parse(text, file.string());
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("{}:{}", file.string(), e.source().begin.line), kGuide};
  }
  return Reader(root, file.string(), folder).run();
}

std::string declaration(const CustomOp& op) {
  std::string out = fmt::format("void {}(const {}& p", op.name, op.params_type);
  for (const CustomTensor& t : op.inputs) out += fmt::format(", const {}* {}", cpp_name_of(t.type), t.name);
  for (const CustomTensor& t : op.outputs) out += fmt::format(", {}* {}", cpp_name_of(t.type), t.name);
  return out + (op.scratch_bytes.empty() ? ");\n" : ", std::uint8_t* scratch);\n");
}

std::string reference_declaration(const CustomOp& op) {
  std::string out = fmt::format("void {}_reference(const {}& p", op.name, op.params_type);
  for (const CustomTensor& t : op.inputs) out += fmt::format(", const float* {}", t.name);
  for (const CustomTensor& t : op.outputs) out += fmt::format(", float* {}", t.name);
  return out + ");\n";
}

std::string header_text(const CustomOp& op) {
  std::string fields;
  for (const CustomParam& p : op.params) {
    fields += fmt::format("  {} {};  // {}\n", p.is_real ? "float" : "std::int32_t", p.name, p.value);
  }
  return fmt::format(
      "// The custom operator {} as its operator.toml describes it. Made by mote; do not edit.\n"
      "#pragma once\n\n#include <cstdint>\n\nnamespace mote {{\n\nstruct {} {{\n{}}};\n\nnamespace kernels {{\n\n{}\n"
      "// Of a test, on real numbers.\n{}\n}}  // namespace kernels\n}}  // namespace mote\n",
      op.tflite_name, op.params_type, fields, declaration(op), reference_declaration(op));
}

// What the shared object offers: kernel and reference with their types erased.
std::string entry_text(const CustomOp& op, bool has_reference) {
  std::string kernel;
  std::string reference;
  std::size_t i = 0;
  const auto add = [&](std::string_view type, const std::string& constness) {
    kernel += fmt::format(", static_cast<{}{}*>(a[{}])", constness, type, ++i);
    if (type != "std::uint8_t*") reference += fmt::format(", a[{}]", i - 1);
  };
  for (const CustomTensor& t : op.inputs) add(cpp_name_of(t.type), "const ");
  for (const CustomTensor& t : op.outputs) add(cpp_name_of(t.type), "");
  if (!op.scratch_bytes.empty()) kernel += fmt::format(", static_cast<std::uint8_t*>(a[{}])", i + 1);
  std::string out = fmt::format(
      "#include \"{0}\"\nextern \"C\" void mote_custom_kernel(void* const* a) {{\n"
      "  mote::kernels::{1}(*static_cast<const mote::{2}*>(a[0]){3});\n}}\n",
      op.header, op.name, op.params_type, kernel);
  if (has_reference) {
    out += fmt::format(
        "extern \"C\" void mote_custom_reference(const void* p, float* const* a) {{\n"
        "  mote::kernels::{}_reference(*static_cast<const mote::{}*>(p){});\n}}\n",
        op.name, op.params_type, reference);
  }
  return out;
}

// The folder's sources become embedded files, so that generated code takes them as it takes ours.
Status add_sources(const CustomOp& op, const fs::path& folder) {
  const std::string base = fs::path(op.header).parent_path().string() + "/";
  std::error_code failure;
  for (const fs::directory_entry& e : fs::directory_iterator(folder, failure)) {
    const std::string name = e.path().filename().string();
    if (e.path().extension() != ".h") continue;
    MOTE_LET(text, read_text_file(e.path()));
    add_resource(base + name, std::move(text));
  }
  if (failure) return Error{"cannot be listed: " + failure.message(), folder.string(), ""};
  MOTE_LET(kernel, read_text_file(folder / (op.name + ".cc")));
  add_resource(base + op.name + ".cc", std::move(kernel));
  add_resource(op.header, header_text(op));
  return {};
}

Result<Loaded> build(CustomOp op, const fs::path& folder) {
  MOTE_TRY(add_sources(op, folder));
  const std::string source = fmt::format("custom/{0}/{0}.cc", op.name);
  const fs::path reference_file = folder / (op.name + "_reference.cc");
  const bool has_reference = fs::exists(reference_file);
  std::set<std::string> files;
  MOTE_TRY(add_with_includes(op.header, files));
  MOTE_TRY(add_with_includes(source, files));
  MOTE_LET(work, TemporaryFolder::create("mote"));
  for (const std::string& path : files) MOTE_TRY(write_file(work.path() / path, *find_resource(path)));
  MOTE_TRY(write_file(work.path() / "entry.cc", entry_text(op, has_reference)));
  std::vector<CompileJob> jobs = {{source, "kernel.o"}, {"entry.cc", "entry.o"}};
  if (has_reference) {
    MOTE_LET(text, read_text_file(reference_file));
    const std::string path = fmt::format("custom/{0}/{0}_reference.cc", op.name);
    MOTE_TRY(write_file(work.path() / path, text));
    jobs.push_back({path, "reference.o"});
  }
  MOTE_LET(core, load_core("host"));
  core.flags.emplace_back("-fPIC");
  const auto in_folder = [&](Error error) { return std::move(error).in(folder.string()); };
  auto compiled = compile_sources({core, "-O2", {}, false}, work.path(), jobs);
  if (!compiled.ok()) {
    Error error = std::move(compiled).error();
    if (error.fix.empty()) error.fix = "mend the kernel; 'mote custom header FOLDER' prints what it must define";
    return in_folder(std::move(error));
  }
  std::vector<std::string> argv = {"env", "LC_ALL=C", core.compiler, "-shared", "-Wl,--no-undefined",
                                   "-o",  "kernel.so"};
  for (const CompileJob& job : jobs) argv.push_back(job.object.string());
  constexpr std::chrono::minutes kLinkLimit{5};
  MOTE_LET(linked, run_process({argv, work.path(), kLinkLimit, ""}));
  if (!linked.succeeded()) {
    Error error = toolchain_error(core, "linking", linked.err);
    error.fix = "define what is declared; 'mote custom header FOLDER' prints it";
    return in_folder(std::move(error));
  }
  // Stays open: the operator lives until the program ends.
  void* library = dlopen((work.path() / "kernel.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Error{fmt::format("cannot be loaded: {}", dlerror()), folder.string(), ""};
  Loaded out;
  op.thunk = reinterpret_cast<KernelThunk>(dlsym(library, "mote_custom_kernel"));
  out.reference = reinterpret_cast<ReferenceThunk>(dlsym(library, "mote_custom_reference"));
  auto kind = register_custom_op(std::move(op));
  if (!kind.ok()) return in_folder(std::move(kind).error());
  out.kind = kind.value();
  return out;
}

Result<const Loaded*> load(const fs::path& given) {
  static std::map<std::string, Loaded> all;
  const fs::path folder = clean(given);
  if (const auto at = all.find(folder.string()); at != all.end()) return &at->second;
  MOTE_LET(description, read_description(folder));
  MOTE_LET(loaded, build(std::move(description.op), folder));
  loaded.tests = std::move(description.tests);
  return &all.emplace(folder.string(), std::move(loaded)).first->second;
}

// --- tests -----------------------------------------------------------------------------------------------------------

constexpr std::size_t kGuard = 64;
constexpr std::uint8_t kPaint = 0xC5;

// Memory between guards, aligned as an arena is.
class Guarded {
 public:
  explicit Guarded(std::size_t size, std::uint8_t fill = 0) : size_(size), block_(size + 2 * kGuard, kPaint) {
    std::fill_n(data(), size, fill);
  }
  std::uint8_t* data() { return block_.data() + kGuard; }
  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    return {block_.begin() + kGuard, block_.begin() + static_cast<std::ptrdiff_t>(kGuard + size_)};
  }
  void set(const std::vector<std::uint8_t>& bytes) { std::ranges::copy(bytes, data()); }
  [[nodiscard]] bool is_whole() const {
    const auto painted = [](std::uint8_t b) { return b == kPaint; };
    return std::all_of(block_.begin(), block_.begin() + kGuard, painted) &&
           std::all_of(block_.end() - static_cast<std::ptrdiff_t>(kGuard), block_.end(), painted);
  }

 private:
  std::size_t size_;
  std::vector<std::uint8_t> block_;
};

double element(DType type, const std::uint8_t* at) {
  const auto as = [at](auto value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<double>(value);
  };
  switch (type) {
    case DType::f32: return as(float{});
    case DType::s8: return as(std::int8_t{});
    case DType::u8:
    case DType::boolean: return as(std::uint8_t{});
    case DType::s16: return as(std::int16_t{});
    case DType::s32: return as(std::int32_t{});
    case DType::s64: return as(std::int64_t{});
  }
  return 0;
}

void set_element(DType type, double value, std::uint8_t* at) {
  const auto put = [at](auto v) { std::memcpy(at, &v, sizeof v); };
  switch (type) {
    case DType::f32: return put(static_cast<float>(value));
    case DType::s8: return put(static_cast<std::int8_t>(value));
    case DType::u8:
    case DType::boolean: return put(static_cast<std::uint8_t>(value));
    case DType::s16: return put(static_cast<std::int16_t>(value));
    case DType::s32: return put(static_cast<std::int32_t>(value));
    case DType::s64: return put(static_cast<std::int64_t>(value));
  }
}

struct Range {
  double low, high;
};
Range range_of_type(DType type) {
  switch (type) {
    case DType::f32: return {-1, 1};
    case DType::s8: return {-128, 127};
    case DType::u8: return {0, 255};
    case DType::boolean: return {0, 1};
    case DType::s16:
    case DType::s32:
    case DType::s64: return {-32768, 32767};  // sums and indices; a test states more by low and high
  }
  return {0, 0};
}

class Tester {
 public:
  Tester(const Loaded& loaded, const CustomTest& test, std::uint32_t seed)
      : op_(custom_op_of(loaded.kind)), reference_(loaded.reference), test_(test), random_(seed) {
    node_.kind = loaded.kind;
  }

  Result<CustomTestResult> run(std::size_t runs) {
    MOTE_TRY(make_graph());
    MOTE_LET(lowered, op_row(node_.kind).def->lower(graph_, node_, IsaSet{}));
    result_.tolerance = test_.tolerance;
    const Tensor& first = graph_.tensor(node_.outputs[0]);
    result_.unit = first.quant.empty() ? "absolute" : "LSB";
    for (; result_.runs < runs; ++result_.runs) one(lowered);
    result_.mean = elements_ == 0 ? 0 : sum_ / static_cast<double>(elements_);
    return result_;
  }

 private:
  Status make_graph() {
    graph_.source = "test";
    for (const CustomTensor& t : op_.inputs) {
      const TestTensor& given = test_.tensors.at(t.name);
      node_.inputs.push_back(graph_.add_tensor({t.name, t.type, given.shape, given.quant, false, {}}));
    }
    for (const CustomTensor& t : op_.outputs) {
      const auto at = test_.tensors.find(t.name);
      node_.outputs.push_back(
          graph_.add_tensor({t.name, t.type, {}, at == test_.tensors.end() ? Quant{} : at->second.quant, false, {}}));
    }
    for (const CustomOption& o : op_.options) {
      const auto at = test_.options.find(o.name);
      if (at == test_.options.end() && !o.fallback) {
        return Error{fmt::format("option '{}' has neither a default nor a value here", o.name), "", kGuide};
      }
      node_.attrs.set(o.name, at == test_.options.end() ? *o.fallback : at->second);
    }
    MOTE_LET(outputs, custom_outputs(graph_, node_));
    for (std::size_t i = 0; i < outputs.size(); ++i) graph_.tensor(node_.outputs[i]).shape = outputs[i].shape;
    if (auto inferred = op_row(node_.kind).def->infer(graph_, node_); !inferred.ok())
      return std::move(inferred).error();
    return {};
  }

  void fault(std::string what) {
    if (std::ranges::find(result_.faults, what) == result_.faults.end()) result_.faults.push_back(std::move(what));
  }

  std::vector<std::uint8_t> random_input(const Tensor& t) {
    const TestTensor& given = test_.tensors.at(t.name);
    Range range = range_of_type(t.type);
    if (given.low < given.high) {
      const double scale = t.quant.empty() ? 1 : static_cast<double>(t.quant.scale[0]);
      const double zero = t.quant.empty() ? 0 : t.quant.zero_point[0];
      const Range most = range;
      range = {given.low / scale + zero, given.high / scale + zero};
      if (t.type == DType::s8 || t.type == DType::u8 || t.type == DType::s16 || t.type == DType::boolean) {
        range = {std::clamp(range.low, most.low, most.high), std::clamp(range.high, most.low, most.high)};
      }
    }
    const auto step = static_cast<std::size_t>(size_bytes(t.type));
    std::vector<std::uint8_t> out(static_cast<std::size_t>(t.size_bytes()));
    constexpr double kWords = 4294967296.0;
    for (std::size_t at = 0; at < out.size(); at += step) {
      const double u = static_cast<double>(random_()) / kWords;
      const double value = t.type == DType::f32 ? range.low + u * (range.high - range.low)
                                                : std::floor(range.low + u * (range.high - range.low + 1));
      set_element(t.type, std::clamp(value, range.low, range.high), &out[at]);
    }
    return out;
  }

  // The kernel on these inputs, with `fill` in what it has yet to write.
  std::vector<std::vector<std::uint8_t>> outputs_of(const Lowered& lowered,
                                                    const std::vector<std::vector<std::uint8_t>>& inputs,
                                                    std::uint8_t fill, bool in_place) {
    KernelCall call = lowered.calls.at(0);
    std::vector<Guarded> memory;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      memory.emplace_back(inputs[i].size()).set(inputs[i]);
      names.push_back(op_.inputs[i].name);
    }
    for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
      memory.emplace_back(static_cast<std::size_t>(graph_.tensor(node_.outputs[i]).size_bytes()), fill);
      names.push_back(op_.outputs[i].name);
    }
    memory.emplace_back(static_cast<std::size_t>(call.scratch_bytes), fill);
    names.emplace_back("scratch");
    std::vector<void*> pointers = {call.params.bytes.data()};
    for (Guarded& m : memory) pointers.push_back(m.data());
    const std::size_t shared = in_place ? lowered.in_place.at(0).input : 0;
    if (in_place) pointers[1 + inputs.size()] = memory[shared].data();
    op_.thunk(pointers.data());
    for (std::size_t i = 0; i < memory.size(); ++i) {
      if (!memory[i].is_whole()) fault(fmt::format("writes outside '{}'", names[i]));
      if (i < inputs.size() && !(in_place && i == shared) && memory[i].bytes() != inputs[i]) {
        fault(fmt::format("changes its input '{}'", names[i]));
      }
    }
    std::vector<std::vector<std::uint8_t>> out;
    for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
      out.push_back(memory[in_place && i == 0 ? shared : inputs.size() + i].bytes());
    }
    return out;
  }

  void one(const Lowered& lowered) {
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const TensorId id : node_.inputs) inputs.push_back(random_input(graph_.tensor(id)));
    const auto outputs = outputs_of(lowered, inputs, 0x00, false);
    if (outputs_of(lowered, inputs, 0xA5, false) != outputs) {
      fault("outputs depend on what was in them or in scratch before");
    }
    if (!lowered.in_place.empty() && outputs_of(lowered, inputs, 0x00, true) != outputs) {
      fault(fmt::format("outputs differ in place of '{}'", op_.inputs[lowered.in_place[0].input].name));
    }
    compare(lowered.calls.at(0), inputs, outputs);
  }

  void compare(const KernelCall& call, const std::vector<std::vector<std::uint8_t>>& inputs,
               const std::vector<std::vector<std::uint8_t>>& outputs) {
    std::vector<std::vector<float>> real;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor& t = graph_.tensor(node_.inputs[i]);
      const auto step = static_cast<std::size_t>(size_bytes(t.type));
      const double scale = t.quant.empty() ? 1 : static_cast<double>(t.quant.scale[0]);
      const double zero = t.quant.empty() ? 0 : t.quant.zero_point[0];
      std::vector<float>& values = real.emplace_back();
      for (std::size_t at = 0; at < inputs[i].size(); at += step) {
        values.push_back(static_cast<float>(scale * (element(t.type, &inputs[i][at]) - zero)));
      }
    }
    for (const TensorId id : node_.outputs)
      real.emplace_back(static_cast<std::size_t>(elements(graph_.tensor(id).shape)));
    std::vector<float*> pointers;
    for (std::vector<float>& values : real) pointers.push_back(values.data());
    reference_(call.params.bytes.data(), pointers.data());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Tensor& t = graph_.tensor(node_.outputs[i]);
      const auto step = static_cast<std::size_t>(size_bytes(t.type));
      for (std::size_t e = 0; e * step < outputs[i].size(); ++e) {
        auto wanted = static_cast<double>(real[inputs.size() + i][e]);
        if (!t.quant.empty()) {
          const Range range = range_of_type(t.type);
          wanted = std::clamp(std::round(wanted / static_cast<double>(t.quant.scale[0]) + t.quant.zero_point[0]),
                              range.low, range.high);
        }
        const double error = std::abs(element(t.type, &outputs[i][e * step]) - wanted);
        if (std::isnan(error)) fault(fmt::format("output '{}' or its reference is no number", t.name));
        result_.worst = std::max(result_.worst, std::isnan(error) ? 0 : error);
        sum_ += std::isnan(error) ? 0 : error;
        ++elements_;
      }
    }
  }

  const CustomOp& op_;
  ReferenceThunk reference_;
  const CustomTest& test_;
  std::mt19937 random_;
  Graph graph_;
  Node node_;
  CustomTestResult result_;
  double sum_ = 0;
  std::size_t elements_ = 0;
};

}  // namespace

Result<OpKind> load_custom(const fs::path& folder) {
  MOTE_LET(loaded, load(folder));
  return loaded->kind;
}

Result<std::string> custom_header(const fs::path& folder) {
  MOTE_LET(description, read_description(clean(folder)));
  return header_text(description.op);
}

Result<std::vector<CustomTestResult>> test_custom(const fs::path& folder, std::uint32_t seed, std::size_t runs) {
  MOTE_LET(loaded, load(folder));
  if (loaded->tests.empty()) return Error{"describes no test", folder.string(), "add a [[test]] to operator.toml"};
  if (loaded->reference == nullptr) {
    return Error{"has no reference to test against", folder.string(),
                 fmt::format("write {}_reference.cc; 'mote custom header FOLDER' prints what it must define",
                             custom_op_of(loaded->kind).name)};
  }
  std::vector<CustomTestResult> out;
  for (std::size_t i = 0; i < loaded->tests.size(); ++i) {
    auto result = Tester(*loaded, loaded->tests[i], seed).run(runs);
    if (!result.ok()) return std::move(result).error().in(fmt::format("{}: test {}", folder.string(), i));
    out.push_back(std::move(result).value());
  }
  return out;
}

}  // namespace mote
