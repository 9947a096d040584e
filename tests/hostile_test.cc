// Broken and hostile .tflite files: each is refused, and the message names what is wrong, where, and what would mend
// it.
#include <functional>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/ir/verify.h"
#include "tests/support/tflite_model.h"

namespace mote {
namespace {

using testing::ModelSpec;
using testing::OptionSpec;
using testing::small_conv;
using testing::write_tflite;

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();

struct Case {
  const char* name;
  std::function<void(ModelSpec&)> damage;
  std::vector<std::string> parts;  // of the message; every message names the file
};

std::vector<Case> cases() {
  const auto wide = [](ModelSpec& m, std::vector<std::int32_t> shape) {
    m.tensors[0].shape = shape;
    m.tensors[3].shape = std::move(shape);
  };
  const std::string op = "operator 0 CONV_2D 'y'";
  return {
      {"version", [](ModelSpec& m) { m.version = 2; }, {"schema version 2", "version 3", "fix:"}},
      {"no subgraph", [](ModelSpec& m) { m.subgraphs = 0; }, {"no subgraph"}},
      {"no tensors", [](ModelSpec& m) { m.tensors.clear(); }, {"no tensors"}},
      {"no inputs", [](ModelSpec& m) { m.inputs.clear(); }, {"no inputs"}},
      {"no outputs", [](ModelSpec& m) { m.outputs.clear(); }, {"no outputs"}},
      // Operators.
      {"unsupported operators",
       [](ModelSpec& m) {
         m.codes.push_back({119, 1, "", 119});
         m.codes.push_back({32, 1, "FlexErf", 32});
         m.codes.push_back({127, 1, "", 127});
         m.codes.back().builtin = 16;  // below the deprecated code: the larger counts
         for (const std::uint32_t code : {1U, 2U, 1U, 3U}) m.operators.push_back({code, {0}, {3}, {}});
       },
       {"WHILE at operators 1, 3", "custom operator 'FlexErf' at operator 2",
        "PLACEHOLDER_FOR_GREATER_OP_CODES at operator 4", "SELECT_TF_OPS", "unrolled", "CONV_2D"}},
      {"uint8 where only int8 is computed",
       [](ModelSpec& m) {
         m.codes[0] = {28, 1, "", 28};
         m.tensors[0].type = m.tensors[3].type = tflite::TensorType::UINT8;
         m.tensors[0].zero_point = m.tensors[3].zero_point = {128};
         m.operators[0] = {0, {0}, {3}, {}};
       },
       {"TANH", "type u8 is not supported here; s8, s16, f32 are", "fix: convert the model to one of these types"}},
      {"operator code of the future",
       [](ModelSpec& m) { m.codes[0] = {100000, 1, "", 127}; },
       {"builtin operator 100000 at operator 0"}},
      {"negative operator code",
       [](ModelSpec& m) { m.codes[0] = {kMin, 1, "", -128}; },
       {"builtin operator -128 at operator 0"}},
      {"operator version",
       [](ModelSpec& m) { m.codes[0].version = 99; },
       {"CONV_2D version 99", "up to version", "at operator 0", "older"}},
      {"operator code missing", [](ModelSpec& m) { m.operators[0].opcode_index = 1; }, {"operator 0", "code 1 of 1"}},
      {"operator code absurd",
       [](ModelSpec& m) { m.operators[0].opcode_index = 0xFFFFFFFFU; },
       {"operator 0", "4294967295 of 1"}},
      {"too few inputs", [](ModelSpec& m) { m.operators[0].inputs = {0}; }, {op, "1 inputs", "2 to 3"}},
      {"too many inputs", [](ModelSpec& m) { m.operators[0].inputs = {0, 1, 2, 2}; }, {op, "4 inputs", "2 to 3"}},
      {"absurdly many inputs",
       [](ModelSpec& m) { m.operators[0].inputs.assign(100000, 0); },
       {"operator 0 CONV_2D", "absurd number"}},
      {"no output", [](ModelSpec& m) { m.operators[0].outputs.clear(); }, {"operator 0 CONV_2D", "0 outputs"}},
      {"required input absent", [](ModelSpec& m) { m.operators[0].inputs = {0, -1}; }, {op, "lacks its input 1"}},
      {"output absent", [](ModelSpec& m) { m.operators[0].outputs = {-1}; }, {"operator 0 CONV_2D", "tensor -1"}},
      {"input beyond the tensors",
       [](ModelSpec& m) { m.operators[0].inputs = {0, 4}; },
       {"operator 0 CONV_2D", "tensor 4", "has 4"}},
      {"input absurd", [](ModelSpec& m) { m.operators[0].inputs = {kMax, 1}; }, {"tensor 2147483647"}},
      {"input negative", [](ModelSpec& m) { m.operators[0].inputs = {kMin, 1}; }, {"tensor -2147483648"}},
      {"stride 0", [](ModelSpec& m) { m.operators[0].options[1].integer = 0; }, {op, "stride"}},
      {"stride negative", [](ModelSpec& m) { m.operators[0].options[2].integer = kMin; }, {op, "stride"}},
      {"padding unknown", [](ModelSpec& m) { m.operators[0].options[0].integer = 7; }, {op, "padding code 7"}},
      {"activation unknown", [](ModelSpec& m) { m.operators[0].options[3].integer = -3; }, {op, "activation -3"}},
      // Order.
      {"cycle",
       [](ModelSpec& m) {
         m.tensors.push_back(m.tensors[3]);
         m.tensors[4].name = "z";
         m.operators = {{0, {4, 1, 2}, {3}, m.operators[0].options}, {0, {3, 1, 2}, {4}, m.operators[0].options}};
       },
       {op, "tensor 'z'", "before operator 1 CONV_2D 'z' writes it", "cycle"}},
      {"reads its own output",
       [](ModelSpec& m) { m.operators[0].inputs[0] = 3; },
       {op, "tensor 'y'", "before operator 0"}},
      {"two writers",
       [](ModelSpec& m) { m.operators.push_back(m.operators[0]); },
       {"operator 1 CONV_2D 'y'", "tensor 'y'", "already written by operator 0"}},
      {"writes an input",
       [](ModelSpec& m) { m.operators[0].outputs = {0}; },
       {"operator 0 CONV_2D 'x'", "input of the model"}},
      {"writes a constant", [](ModelSpec& m) { m.operators[0].outputs = {1}; }, {"operator 0 CONV_2D 'k'", "constant"}},
      {"input listed twice", [](ModelSpec& m) { m.inputs = {0, 0}; }, {"tensor 'x'", "twice"}},
      {"input constant", [](ModelSpec& m) { m.inputs = {0, 1}; }, {"tensor 'k'", "input of the model and constant"}},
      {"input missing", [](ModelSpec& m) { m.inputs = {9}; }, {"list of inputs", "tensor 9", "has 4"}},
      {"output listed twice", [](ModelSpec& m) { m.outputs = {3, 3}; }, {"tensor 'y'", "twice"}},
      {"output constant", [](ModelSpec& m) { m.outputs = {2}; }, {"tensor 'b'", "output of the model and constant"}},
      {"output missing", [](ModelSpec& m) { m.outputs = {-1}; }, {"list of outputs", "tensor -1"}},
      {"output never written",
       [](ModelSpec& m) {
         m.tensors.push_back({.name = "w", .shape = {1}});
         m.outputs = {4};
       },
       {"tensor 'w'", "no operator writes it"}},
      // Shapes.
      {"dimension negative",
       [=](ModelSpec& m) { wide(m, {1, -2, 2, 1}); },
       {"tensor 'x'", "[1,-2,2,1]", "below 1", "fix:"}},
      {"dimension zero", [=](ModelSpec& m) { wide(m, {0, 2, 2, 1}); }, {"tensor 'x'", "[0,2,2,1]", "below 1"}},
      {"dimension of batch dynamic",
       [](ModelSpec& m) { m.tensors[0].shape_signature = {1, -1, 2, 1}; },
       {"tensor 'x'", "dynamic dimension 1"}},
      {"absurd size", [=](ModelSpec& m) { wide(m, {1, kMax, kMax, kMax}); }, {"tensor 'x'", "elements accepted"}},
      {"absurd size whose product wraps to 0",
       [=](ModelSpec& m) { wide(m, {65536, 65536, 65536, 65536}); },
       {"tensor 'x'", "elements accepted"}},
      {"absurd rank",
       [=](ModelSpec& m) { wide(m, std::vector<std::int32_t>(1000, 1)); },
       {"tensor 'x'", "1000 dimensions"}},
      {"more activations than a host should hold",
       [=](ModelSpec& m) { wide(m, {1, 16384, 16384, 1}); },
       {"activations", "accepted"}},
      {"scalar where four dimensions are needed", [=](ModelSpec& m) { wide(m, {}); }, {op, "4 dimensions"}},
      {"shape the operator does not compute",
       [](ModelSpec& m) { m.tensors[3].shape = {1, 2, 3, 1}; },
       {op, "tensor 'y'", "[1,2,2,1]", "[1,2,3,1]"}},
      // Types and storage.
      {"type unsupported",
       [](ModelSpec& m) { m.tensors[0].type = tflite::TensorType::FLOAT16; },
       {"tensor 'x'", "FLOAT16", "fix:"}},
      {"type unknown",
       [](ModelSpec& m) { m.tensors[0].type = static_cast<tflite::TensorType>(77); },
       {"tensor 'x'", "type code 77"}},
      {"types mixed", [](ModelSpec& m) { m.tensors[0].type = tflite::TensorType::INT64; }, {op, "s64"}},
      {"variable", [](ModelSpec& m) { m.tensors[2].is_variable = true; }, {"tensor 'b'", "variable"}},
      {"handle that nothing names",
       [](ModelSpec& m) {
         m.codes.push_back({143, 1, "", 127});
         m.operators.push_back({1, {0}, {3}, {}});
       },
       {"READ_VARIABLE", "no VAR_HANDLE", "fix:"}},
      {"handle without an operand",
       [](ModelSpec& m) {
         m.codes.push_back({142, 1, "", 127});
         m.operators.push_back({1, {}, {}, {}});
       },
       {"VAR_HANDLE", "no operand 0"}},
      {"first values from a subgraph that is not there",
       [](ModelSpec& m) {
         m.codes.push_back({129, 1, "", 127});
         m.operators.push_back({1, {}, {}, {}});
       },
       {"CALL_ONCE", "subgraph 0 of 1"}},
      {"sparse", [](ModelSpec& m) { m.tensors[1].is_sparse = true; }, {"tensor 'k'", "sparse"}},
      {"buffer missing", [](ModelSpec& m) { m.tensors[1].buffer = 77; }, {"tensor 'k'", "buffer 77", "has 5"}},
      {"buffer absurd", [](ModelSpec& m) { m.tensors[1].buffer = 0xFFFFFFFF; }, {"tensor 'k'", "buffer 4294967295"}},
      {"buffer empty",
       [](ModelSpec& m) { m.tensors[1].data.clear(); },
       {op, "tensor 'k'", "neither an input, nor a constant"}},
      {"buffer too short", [](ModelSpec& m) { m.tensors[2].data.pop_back(); }, {"tensor 'b'", "4 bytes", "has 3"}},
      {"buffer too long", [](ModelSpec& m) { m.tensors[2].data.push_back(0); }, {"tensor 'b'", "4 bytes", "has 5"}},
      {"buffer outside the file",
       [](ModelSpec& m) {
         m.tensors[2].data.clear();
         m.tensors[2].outside_offset = 1 << 20;
         m.tensors[2].outside_size = 4;
       },
       {"tensor 'b'", "byte 1048576", "outside the file"}},
      {"buffer whose end wraps",
       [](ModelSpec& m) {
         m.tensors[2].data.clear();
         m.tensors[2].outside_offset = 16;
         m.tensors[2].outside_size = std::numeric_limits<std::uint64_t>::max();
       },
       {"tensor 'b'", "byte 16", "outside the file"}},
      // Quantisation.
      {"scale zero", [](ModelSpec& m) { m.tensors[0].scale = {0.0F}; }, {"tensor 'x'", "scale 0", "fix:"}},
      {"scale negative", [](ModelSpec& m) { m.tensors[1].scale = {-1.0F}; }, {"tensor 'k'", "scale -1"}},
      {"scale infinite",
       [](ModelSpec& m) { m.tensors[0].scale = {std::numeric_limits<float>::infinity()}; },
       {"tensor 'x'", "scale inf"}},
      {"scale not a number",
       [](ModelSpec& m) { m.tensors[3].scale = {std::numeric_limits<float>::quiet_NaN()}; },
       {"tensor 'y'", "scale nan"}},
      {"scale without an inverse", [](ModelSpec& m) { m.tensors[3].scale = {1e-40F}; }, {"tensor 'y'", "scale 1e-40"}},
      {"scale missing", [](ModelSpec& m) { m.tensors[0].scale.clear(); }, {op, "tensor 'x'", "not quantised"}},
      {"scales whose ratio overflows", [](ModelSpec& m) { m.tensors[3].scale = {1e-37F}; }, {op, "2^30"}},
      {"zero points missing",
       [](ModelSpec& m) { m.tensors[0].zero_point.clear(); },
       {"tensor 'x'", "1 scales but 0 zero points"}},
      {"zero point outside its type",
       [](ModelSpec& m) { m.tensors[0].zero_point = {128}; },
       {"tensor 'x'", "zero point 128", "-128..127"}},
      {"zero point absurd",
       [](ModelSpec& m) { m.tensors[0].zero_point = {std::numeric_limits<std::int64_t>::min()}; },
       {"tensor 'x'", "zero point -9223372036854775808"}},
      {"scales per channel of the input",
       [](ModelSpec& m) {
         m.tensors[0].scale = {1.0F, 1.0F};
         m.tensors[0].zero_point = {0, 0};
         m.tensors[0].axis = 1;
       },
       {op, "tensor 'x'", "per channel"}},
      {"axis outside the shape",
       [](ModelSpec& m) {
         m.tensors[0].scale = {1.0F, 1.0F};
         m.tensors[0].zero_point = {0, 0};
         m.tensors[0].axis = 4;
       },
       {"tensor 'x'", "axis 4"}},
      {"axis negative",
       [](ModelSpec& m) {
         m.tensors[0].scale = {1.0F, 1.0F};
         m.tensors[0].zero_point = {0, 0};
         m.tensors[0].axis = kMin;
       },
       {"tensor 'x'", "axis -2147483648"}},
      {"scales that do not fit the axis",
       [](ModelSpec& m) {
         m.tensors[0].scale = {1.0F, 1.0F, 1.0F};
         m.tensors[0].zero_point = {0, 0, 0};
         m.tensors[0].axis = 1;
       },
       {"tensor 'x'", "3 scales", "axis 1"}},
      {"custom quantisation",
       [](ModelSpec& m) { m.tensors[1].details_type = 1; },
       {"tensor 'k'", "block-wise quantisation"}},
  };
}

// What a compilation says before it writes anything: from the importer, or from lowering where scales are combined.
std::string refusal(const std::vector<std::uint8_t>& file, const std::string& name) {
  const Result<Graph> g = import_tflite(file, name);
  if (!g.ok()) return g.error().text();
  const Result<Interpreter> lowered = Interpreter::create(g.value());
  return lowered.ok() ? "accepted" : lowered.error().text();
}

TEST(Hostile, EveryDefectIsNamed) {
  ASSERT_TRUE(import_tflite(write_tflite(small_conv()), "m.tflite").ok()) << "the undamaged model is sound";
  for (const Case& c : cases()) {
    ModelSpec m = small_conv();
    c.damage(m);
    const std::string text = refusal(write_tflite(m), "dir/m.tflite");
    EXPECT_TRUE(text.starts_with("error: dir/m.tflite: ")) << c.name << "\n" << text;
    for (const std::string& part : c.parts)
      EXPECT_NE(text.find(part), std::string::npos) << c.name << ": no '" << part << "' in\n" << text;
  }
}

TEST(Hostile, OtherFiles) {
  const auto message = [](std::string_view bytes) {
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    const Result<Graph> g = import_tflite(copy, "m.tflite");
    return g.ok() ? std::string("accepted") : g.error().text();
  };
  EXPECT_NE(message("").find("0 bytes, too few"), std::string::npos);
  EXPECT_NE(message("TFL3").find("4 bytes, too few"), std::string::npos);
  EXPECT_NE(message("PK\x03\x04 a zip file, say").find("not a TFLite file"), std::string::npos);
  EXPECT_NE(message(std::string_view("\x08\0\0\0TFL3", 8)).find("truncated or damaged"), std::string::npos);
  EXPECT_NE(message(std::string_view("\xFF\xFF\xFF\xFFTFL3aaaaaaaa", 16)).find("truncated or damaged"),
            std::string::npos);
}

// The options table's vtable is proved by flatbuffers; what its fields point to is the importer's to prove.
TEST(Hostile, OptionsOutsideTheFile) {
  std::vector<std::uint8_t> file = write_tflite(small_conv());
  const auto word = [&](std::size_t at) { return flatbuffers::ReadScalar<std::uint32_t>(&file[at]); };
  const auto* op = tflite::GetModel(file.data())->subgraphs()->Get(0)->operators()->Get(0);
  const auto* table = reinterpret_cast<const std::uint8_t*>(op->builtin_options());
  const auto at = static_cast<std::size_t>(table - file.data());
  const std::size_t vtable = at - word(at);
  // The entry of stride_w, the second field, pointed at the end of the 64 KiB that a vtable can name.
  flatbuffers::WriteScalar<std::uint16_t>(&file[vtable + 6], 0xFFFE);
  const Result<Graph> g = import_tflite(file, "m.tflite");
  ASSERT_FALSE(g.ok());
  EXPECT_NE(g.error().text().find("operator 0 CONV_2D 'y': has options that lie outside the file"), std::string::npos)
      << g.error().text();
}

// What is accepted must be sound: its structure holds, and it runs.
void must_be_refused_or_sound(std::span<const std::uint8_t> file, const std::string& what) {
  const Result<Graph> g = import_tflite(file, "m.tflite");
  if (!g.ok()) {
    EXPECT_TRUE(g.error().where.starts_with("m.tflite")) << what << g.error().text();
    EXPECT_FALSE(g.error().what.empty()) << what;
    return;
  }
  EXPECT_TRUE(verify_structure(g.value()).ok()) << what;
  std::int64_t bytes = 0;
  for (const Tensor& t : g.value().tensors) bytes += t.size_bytes();
  if (bytes > (1 << 16)) return;  // a flipped bit made it large; running it takes long and shows nothing more
  Result<Interpreter> run = Interpreter::create(g.value());
  if (!run.ok()) return;
  std::vector<Bytes> inputs;
  for (const TensorId id : g.value().inputs)
    inputs.emplace_back(static_cast<std::size_t>(g.value().tensor(id).size_bytes()), std::uint8_t{1});
  EXPECT_TRUE(run.value().run(inputs).ok()) << what;
}

std::vector<std::filesystem::path> real_models() {
  const std::filesystem::path folder = MOTE_SOURCE_DIR "/tests/vectors";
  std::vector<std::filesystem::path> out;
  for (const char* name :
       {"conv_2d/s8_no_bias.tflite", "depthwise_conv_2d/s8_1x1.tflite", "fully_connected/s16_no_bias.tflite"}) {
    out.push_back(folder / name);
  }
  return out;
}

TEST(Hostile, TruncationsAtEveryLength) {
  for (const auto& path : real_models()) {
    const auto file = read_file(path);
    ASSERT_TRUE(file.ok()) << file.error().text();
    ASSERT_TRUE(import_tflite(file.value(), path.string()).ok()) << path;
    for (std::size_t n = 0; n < file.value().size(); ++n) {
      // A copy of its own, so that the sanitizer sees a read behind its end.
      const std::vector<std::uint8_t> cut(file.value().begin(), file.value().begin() + static_cast<std::ptrdiff_t>(n));
      must_be_refused_or_sound(cut, fmt::format("{} cut to {} bytes", path.string(), n));
    }
  }
}

TEST(Hostile, SingleBitFlips) {
  for (const auto& path : real_models()) {
    const auto file = read_file(path);
    ASSERT_TRUE(file.ok()) << file.error().text();
    std::mt19937 random(1);
    for (int i = 0; i < 4000; ++i) {
      std::vector<std::uint8_t> flipped = file.value();
      const std::size_t bit = random() % (8 * flipped.size());
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      must_be_refused_or_sound(flipped, fmt::format("{} with bit {} flipped", path.string(), bit));
    }
  }
}

TEST(Hostile, ManyFlipsAtOnce) {
  const auto file = read_file(real_models()[0]);
  ASSERT_TRUE(file.ok()) << file.error().text();
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> flipped = file.value();
    for (int i = 0; i < 8; ++i) flipped[8 + random() % (flipped.size() - 8)] = static_cast<std::uint8_t>(random());
    must_be_refused_or_sound(flipped, fmt::format("seed {}", seed));
  }
}

}  // namespace
}  // namespace mote
