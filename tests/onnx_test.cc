// Foreign ONNX models through the importer, against what onnxruntime computed; tests/vectors/onnx has provenance.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/import/onnx.h"
#include "host/interpret/interpreter.h"
#include "host/passes/pass.h"
#include "tests/vectors.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(MOTE_SOURCE_DIR) / "tests" / "vectors" / "onnx";

// [N,C,...] to [N,...,C].
Bytes channels_last(const Bytes& in, const Shape& shape, std::int64_t width) {
  Bytes out(in.size());
  const std::int64_t channels = shape[1];
  std::int64_t places = 1;
  for (std::size_t d = 2; d < shape.size(); ++d) places *= shape[d];
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < places; ++p) {
        const std::int64_t from = ((n * channels + c) * places + p) * width;
        const std::int64_t to = ((n * places + p) * channels + c) * width;
        std::copy_n(in.begin() + from, width, out.begin() + to);
      }
    }
  }
  return out;
}

// A value as the graph orders it; "" as `wrong` where the shapes agree.
Bytes as_graph(const Bytes& in, const vectors::Port& port, const Tensor& tensor, std::string& wrong) {
  if (port.shape == tensor.shape) return in;
  Shape last = port.shape;
  if (last.size() > 2) std::rotate(last.begin() + 1, last.begin() + 2, last.end());
  if (last != tensor.shape) {
    wrong = fmt::format("{} became {}", text_of(port.shape), text_of(tensor.shape));
    return in;
  }
  return channels_last(in, port.shape, size_bytes(port.type));
}

// Largest difference: of floats relative to the largest value, of bytes in units.
double distance(const vectors::Port& port, const Bytes& want, const Bytes& got) {
  double most = 0;
  double largest = 1e-30;
  for (std::size_t i = 0; i + static_cast<std::size_t>(size_bytes(port.type)) <= want.size();
       i += static_cast<std::size_t>(size_bytes(port.type))) {
    double w = want[i];
    double g = got[i];
    if (port.type == DType::f32) {
      float fw = 0;
      float fg = 0;
      std::memcpy(&fw, &want[i], 4);
      std::memcpy(&fg, &got[i], 4);
      w = static_cast<double>(fw);
      g = static_cast<double>(fg);
      if (std::isnan(fw) != std::isnan(fg)) return 1e30;
      largest = std::max(largest, std::abs(w));
    }
    most = std::max(most, std::abs(w - g));
  }
  return port.type == DType::f32 ? most / largest : most;
}

Result<Graph> load(const fs::path& file) {
  MOTE_LET(bytes, read_file(file));
  return import_onnx(bytes, file.filename().string());
}

// Scale of the output's last quantisation, where it is dequantised at the end; 0 for float models.
double last_scale(const Graph& g, TensorId id) {
  for (const Node& n : g.nodes) {
    if (n.outputs[0] == id && name_of(n.kind) == "dequantize") return g.tensor(n.inputs[0]).quant.scale[0];
  }
  return 0;
}

TEST(Onnx, VectorsAgreeWithOnnxruntime) {
  std::size_t count = 0;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".onnx") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    ++count;
    auto vector = vectors::read(fs::path(file).replace_extension(".runs"));
    ASSERT_TRUE(vector.ok()) << vector.error().text();
    auto graph = load(file);
    if (!graph.ok()) {
      ADD_FAILURE() << graph.error().text();
      continue;
    }
    Graph passed = graph.value();
    ASSERT_TRUE(run_passes(passed, {}).ok());
    for (const Graph* g : {&graph.value(), &passed}) {
      auto interpreter = Interpreter::create(*g);
      ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
      for (const vectors::Run& run : vector.value().runs) {
        std::string wrong;
        std::vector<Bytes> inputs;
        for (std::size_t i = 0; i < run.inputs.size(); ++i) {
          inputs.push_back(as_graph(run.inputs[i], vector.value().inputs[i], g->tensor(g->inputs[i]), wrong));
        }
        ASSERT_EQ(wrong, "");
        auto outputs = interpreter.value().run(inputs);
        ASSERT_TRUE(outputs.ok()) << outputs.error().text();
        ASSERT_EQ(outputs.value().size(), run.outputs.size());
        for (std::size_t i = 0; i < run.outputs.size(); ++i) {
          const vectors::Port& port = vector.value().outputs[i];
          const Bytes want = as_graph(run.outputs[i], port, g->tensor(g->outputs[i]), wrong);
          ASSERT_EQ(wrong, "") << "output " << i;
          const double d = distance(port, want, outputs.value()[i]);
          const double scale = last_scale(*g, g->outputs[i]);
          if (file.filename().string().starts_with("float_")) {
            EXPECT_LE(d, 1e-5) << "output " << i << ", relative";
          } else if (port.type == DType::f32 && scale > 0) {
            double largest = 0;
            for (std::size_t at = 0; at < want.size(); at += 4) {
              float v = 0;
              std::memcpy(&v, &want[at], 4);
              largest = std::max(largest, std::abs(static_cast<double>(v)));
            }
            EXPECT_LE(d * largest / scale, 1.001) << "output " << i << ", in units of its scale";
          } else if (port.type == DType::f32) {
            EXPECT_LE(d, 0.03) << "output " << i << ", float behind quantised layers";
          } else {
            EXPECT_LE(d, 1.0) << "output " << i << ", in units";
          }
        }
      }
    }
  }
  EXPECT_GE(count, 18U);
}

// Protobuf by hand: enough to write models that no exporter writes.
std::string varint(std::uint64_t v) {
  std::string out;
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80U);
  return out + static_cast<char>(v);
}
std::string number(unsigned field, std::uint64_t v) { return varint(field << 3U) + varint(v); }
std::string part(unsigned field, const std::string& bytes) {
  return varint(field << 3U | 2U) + varint(bytes.size()) + bytes;
}
std::string port(const std::string& name, const std::vector<int>& dims) {
  std::string shape;
  for (const int d : dims) shape += part(1, d > 0 ? number(1, static_cast<std::uint64_t>(d)) : part(2, "open"));
  return part(1, name) + part(2, part(1, number(1, 1) + part(2, shape)));
}
std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  std::string out;
  for (const std::string& name : inputs) out += part(1, name);
  return out + part(2, output) + part(4, op);
}
std::string model(const std::string& graph, std::uint64_t opset = 17) {
  return number(1, 8) + part(7, graph) + part(8, number(2, opset));
}
// y = op(x) for a float x of these dimensions.
std::string one_operator(const std::string& op, const std::vector<int>& dims, std::uint64_t opset = 17) {
  return model(part(1, node(op, {"x"}, "y")) + part(11, port("x", dims)) + part(12, port("y", dims)), opset);
}
// y = x + c, where c lies in a file.
std::string outside(const std::string& location, const std::string& more = "") {
  const std::string c = number(1, 2) + number(2, 1) + part(8, "c") + number(14, 1) +
                        part(13, part(1, "location") + part(2, location)) + more;
  return model(part(1, node("Add", {"x", "c"}, "y")) + part(5, c) + part(11, port("x", {1, 2})) +
               part(12, port("y", {1, 2})));
}

Result<Graph> import_text(const std::string& bytes, const OnnxOptions& options = {}) {
  return import_onnx({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "m.onnx", options);
}
std::string refusal(const Result<Graph>& g) { return g.ok() ? "accepted" : g.error().text(); }

TEST(Onnx, PlainNetworksHaveNoTransposes) {
  for (const char* name :
       {"float_cnn", "float_residual", "float_signal", "float_grouped", "float_parts", "quantized_qdq_int8",
        "quantized_qdq_uint8", "quantized_qdq_flatten", "quantized_qoperator"}) {
    const auto g = load(kFolder / (std::string(name) + ".onnx"));
    ASSERT_TRUE(g.ok()) << g.error().text();
    for (const Node& n : g.value().nodes) EXPECT_NE(name_of(n.kind), "transpose") << name << ": " << n.name;
  }
}

TEST(Onnx, QuantisedOperatorsComputeInIntegers) {
  const auto g = load(kFolder / "quantized_qdq_int8.onnx");
  ASSERT_TRUE(g.ok()) << g.error().text();
  std::vector<std::string> floats;
  for (const Node& n : g.value().nodes) {
    if (g.value().tensor(n.outputs[0]).type == DType::f32) floats.emplace_back(name_of(n.kind));
  }
  EXPECT_EQ(floats, (std::vector<std::string>{"dequantize", "softmax"}));
}

TEST(Onnx, OpenDimensions) {
  const auto batch = import_text(one_operator("Relu", {0, 5}));
  ASSERT_TRUE(batch.ok()) << batch.error().text();
  EXPECT_EQ(batch.value().tensor(batch.value().inputs[0]).shape, (Shape{1, 5}));
  const std::string open = one_operator("Relu", {1, 0});
  EXPECT_NE(refusal(import_text(open)).find("leaves its dimension 1 open (open)\n  fix: state it: --shape x="),
            std::string::npos)
      << refusal(import_text(open));
  const auto stated = import_text(open, {{{"x", {1, 7}}}, {}});
  ASSERT_TRUE(stated.ok()) << stated.error().text();
  EXPECT_EQ(stated.value().tensor(stated.value().outputs[0]).shape, (Shape{1, 7}));
  EXPECT_NE(refusal(import_text(open, {{{"x", {2, 7}}}, {}})).find("does not have the shape [2,7]"), std::string::npos);
  EXPECT_NE(refusal(import_text(open, {{{"z", {1, 7}}}, {}})).find("has no input 'z'; it has x"), std::string::npos);
}

TEST(Onnx, RefusalsSayWhatAndWhere) {
  EXPECT_NE(refusal(import_text("hello, this is text")).find("m.onnx: is not an ONNX file"), std::string::npos);
  EXPECT_NE(refusal(import_text("")).find("m.onnx: is not an ONNX file"), std::string::npos);
  EXPECT_NE(refusal(import_text(one_operator("LSTM", {1, 5}))).find("not supported: LSTM at node 0"),
            std::string::npos);
  EXPECT_NE(refusal(import_text(one_operator("Relu", {1, 5}, 6))).find("version 6; mote reads 7 to 20"),
            std::string::npos);
  EXPECT_NE(
      refusal(import_text(one_operator("Conv", {1, 5}))).find("m.onnx: node 0 Conv 'y': lacks its input or weights"),
      std::string::npos);
  EXPECT_NE(refusal(import_text(one_operator("Relu", {1, 1 << 30}))).find("input 'x': has the shape"),
            std::string::npos);
}

TEST(Onnx, ExternalDataStaysInTheModelsFolder) {
  auto folder = TemporaryFolder::create("mote_onnx");
  ASSERT_TRUE(folder.ok());
  const fs::path inside = folder.value().path() / "inside";
  const std::string two = {0, 0, '\x80', '\x3f', 0, 0, 0, '\x40'};  // 1 and 2
  ASSERT_TRUE(write_file(inside / "weights.data", two).ok());
  ASSERT_TRUE(write_file(folder.value().path() / "outside.data", two).ok());
  const OnnxOptions here = {{}, inside};
  const auto good = import_text(outside("weights.data"), here);
  ASSERT_TRUE(good.ok()) << good.error().text();
  EXPECT_NE(refusal(import_text(outside("../outside.data"), here)).find("lies outside the model's folder"),
            std::string::npos);
  EXPECT_NE(refusal(import_text(outside((folder.value().path() / "outside.data").string()), here)).find("lies outside"),
            std::string::npos);
  EXPECT_NE(refusal(import_text(outside("weights.data"))).find("that file is not at hand"), std::string::npos);
  const std::string offset = part(13, part(1, "offset") + part(2, "4"));
  EXPECT_NE(refusal(import_text(outside("weights.data", offset), here)).find("2 elements, but 1 are given"),
            std::string::npos);
  const std::string far = part(13, part(1, "offset") + part(2, "99999999999999999999"));
  EXPECT_NE(refusal(import_text(outside("weights.data", far), here)).find("offset outside"), std::string::npos);
}

TEST(Onnx, TruncatedAndChangedFilesAreReadOrRefused) {
  for (const char* name : {"float_shapes", "quantized_qoperator", "float_old_exporter"}) {
    auto bytes = read_file(kFolder / (std::string(name) + ".onnx"));
    ASSERT_TRUE(bytes.ok());
    const std::vector<std::uint8_t>& whole = bytes.value();
    for (std::size_t size = 0; size < whole.size(); size += 5) {
      const auto g = import_onnx(std::span(whole).first(size), "m.onnx");
      EXPECT_TRUE(g.ok() || g.error().where.starts_with("m.onnx")) << refusal(g);
    }
    for (std::size_t at = 0; at < whole.size(); at += 2) {
      std::vector<std::uint8_t> copy = whole;
      copy[at] = static_cast<std::uint8_t>(copy[at] ^ (1U << at % 8));
      const auto g = import_onnx(copy, "m.onnx");
      EXPECT_TRUE(g.ok() || g.error().where.starts_with("m.onnx")) << refusal(g);
    }
  }
}

}  // namespace
}  // namespace mote
