// Custom operators: the examples give NumPy's numbers on the host and on an emulated Cortex-M4, their kernels keep to
// their references, and what is wrong with a description or a model is said.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/driver/compile.h"
#include "host/driver/custom.h"
#include "host/driver/run.h"
#include "host/ops/custom_expression.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

const fs::path kExamples = fs::path(MOTE_SOURCE_DIR) / "examples";

// The elements of an .npy file of format 1, whose header length stands at byte 8, in parts of `record_bytes`.
std::vector<Bytes> npy_records(const fs::path& npy, std::size_t record_bytes) {
  auto file = read_file(npy);
  EXPECT_TRUE(file.ok()) << file.error().text();
  const Bytes& bytes = file.value();
  std::vector<Bytes> out;
  for (std::size_t at = 10U + bytes.at(8) + 256U * bytes.at(9); at < bytes.size(); at += record_bytes) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    out.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(record_bytes));
  }
  return out;
}

struct Example {
  const char* folder;
  const char* custom;
  const char* model;
  const char* inputs;
  std::size_t input_bytes, output_bytes;
};
constexpr Example kAll[] = {
    {"custom_separable", "separable_block", "separable.tflite", "images.npy", std::size_t{12} * 10 * 3, 6 * 5 * 5},
    {"custom_half", "half_quantize", "half.tflite", "halves.npy", 128, 64}};

class CustomExample : public ::testing::TestWithParam<Example> {};

TEST_P(CustomExample, GivesTheOraclesNumbersOnHostAndM4Board) {
  const Example& e = GetParam();
  const fs::path folder = kExamples / e.folder;
  const auto kind = load_custom(folder / e.custom);
  ASSERT_TRUE(kind.ok()) << kind.error().text();
  const auto graph = load_model(folder / e.model);
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  std::vector<std::vector<Bytes>> inputs;
  for (const Bytes& b : npy_records(folder / e.inputs, e.input_bytes)) inputs.push_back({b});
  const std::vector<Bytes> expected = npy_records(folder / "expected.npy", e.output_bytes);
  ASSERT_FALSE(inputs.empty());
  ASSERT_EQ(inputs.size(), expected.size());
  auto interpreter = Interpreter::create(graph.value());
  ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
  for (std::size_t r = 0; r < inputs.size(); ++r) {
    const auto out = interpreter.value().run(inputs[r]);
    ASSERT_TRUE(out.ok()) << out.error().text();
    EXPECT_EQ(out.value()[0], expected[r]);
  }
  RunModelOptions options;
  options.trace = true;
  options.compile.goal = Goal::ram;
  const auto run = run_model(graph.value(), inputs, options);
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_TRUE(run.value().mismatches.empty());
  for (std::size_t r = 0; r < inputs.size(); ++r) EXPECT_EQ(run.value().report.records[r].outputs[0], expected[r]);
  EXPECT_EQ(run.value().model.layers.at(0).kernel, e.custom);
}

TEST_P(CustomExample, KernelKeepsToItsReference) {
  const Example& e = GetParam();
  const auto results = test_custom(kExamples / e.folder / e.custom, 1, 5);
  ASSERT_TRUE(results.ok()) << results.error().text();
  for (const CustomTestResult& r : results.value()) EXPECT_TRUE(r.passed()) << r.worst;
}

INSTANTIATE_TEST_SUITE_P(All, CustomExample, ::testing::ValuesIn(kAll));

constexpr const char* kTwice =
    "name = \"{}\"\n[[inputs]]\nname = \"x\"\ntype = \"s16\"\n[[outputs]]\nname = \"y\"\ntype = \"s8\"\nshape = [{}]\n"
    "[[params]]\nname = \"n\"\nvalue = \"x.elements\"\n";

// A folder with an operator of this name; what loading or importing it reports.
class CustomErrors : public ::testing::Test {
 protected:
  CustomErrors() : work_(std::move(TemporaryFolder::create("custom")).value()) {}
  fs::path write(const std::string& kernel, const std::string& toml, const std::string& source) {
    const fs::path folder = work_.path() / kernel;
    EXPECT_TRUE(write_file(folder / "operator.toml", toml).ok());
    EXPECT_TRUE(write_file(folder / (kernel + ".cc"), source).ok());
    return folder;
  }
  static std::string described(const std::string& name, const std::string& shape, const std::string& more = "") {
    std::string out = kTwice;
    out.replace(out.find("{}"), 2, name);
    out.replace(out.find("{}"), 2, shape);
    return more + out;
  }
  static std::string source(const std::string& kernel, const std::string& params, const std::string& body) {
    return "#include \"" + kernel + ".h\"\nnamespace mote::kernels {\nvoid " + kernel + "(const " + params +
           "& p, const std::int16_t* x, std::int8_t* y) {\n" + body + "\n}\n}\n";
  }
  TemporaryFolder work_;
};

TEST_F(CustomErrors, NamesTheNearestKey) {
  const auto kind = load_custom(write("key_op", described("KeyOp", "1", "scratch_byte = 4\n"), ""));
  ASSERT_FALSE(kind.ok());
  EXPECT_NE(kind.error().text().find("'scratch_byte' is not a key here"), std::string::npos) << kind.error().text();
  EXPECT_NE(kind.error().fix.find("'scratch_bytes'"), std::string::npos) << kind.error().text();
}

TEST_F(CustomErrors, ShowsTheCompilersWords) {
  const auto kind = load_custom(
      write("bad_op", described("BadOp", "1"), source("bad_op", "BadOpParams", "y[0] = no_such_thing + p.n + x[0];")));
  ASSERT_FALSE(kind.ok());
  EXPECT_NE(kind.error().what.find("no_such_thing"), std::string::npos) << kind.error().text();
}

TEST_F(CustomErrors, RefusesUnknownNamesInExpressions) {
  const auto kind = load_custom(write("name_op", described("NameOp", "\"x.element\""), ""));
  ASSERT_FALSE(kind.ok());
  EXPECT_NE(kind.error().text().find("did you mean 'x.elements'"), std::string::npos) << kind.error().text();
}

// The model of examples/custom_half with its operator renamed in place, so that another description meets it.
fs::path renamed_model(const fs::path& folder, const std::string& name) {
  auto bytes = read_file(kExamples / "custom_half" / "half.tflite").value();
  const std::string old = "HalfQuantize";
  const auto at = std::search(bytes.begin(), bytes.end(), old.begin(), old.end());
  EXPECT_NE(at, bytes.end());
  EXPECT_EQ(name.size(), old.size());
  std::copy(name.begin(), name.end(), at);
  const fs::path file = folder / "renamed.tflite";
  EXPECT_TRUE(write_file(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
  return file;
}

TEST_F(CustomErrors, SaysWhenTheShapeRuleContradictsTheModel) {
  const auto kind =
      load_custom(write("shape_op", described("HalfShapeRul", "\"x[0]\", \"x[1] / 2\""),
                        source("shape_op", "ShapeOpParams", "y[0] = static_cast<std::int8_t>(x[p.n - 1]);")));
  ASSERT_TRUE(kind.ok()) << kind.error().text();
  const auto graph = load_model(renamed_model(work_.path(), "HalfShapeRul"));
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.error().what.find("s8[1,32], but the model states s8[1,64]"), std::string::npos)
      << graph.error().text();
}

TEST_F(CustomErrors, SaysWhenTheNumberOfInputsIsWrong) {
  const std::string two = described("HalfTwoInput", "1") + "[[inputs]]\nname = \"z\"\ntype = \"s8\"\n";
  const auto kind = load_custom(write("two_op", two,
                                      "#include \"two_op.h\"\nvoid mote::kernels::two_op(const TwoOpParams&, const "
                                      "std::int16_t*, const std::int8_t*, std::int8_t*) {}\n"));
  ASSERT_TRUE(kind.ok()) << kind.error().text();
  const auto graph = load_model(renamed_model(work_.path(), "HalfTwoInput"));
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.error().what.find("has 1 inputs where it takes 2"), std::string::npos) << graph.error().text();
  EXPECT_NE(graph.error().fix.find("operator.toml"), std::string::npos) << graph.error().text();
}

TEST_F(CustomErrors, UnknownOperatorsLeadToTheGuide) {
  const auto graph = load_model(renamed_model(work_.path(), "HalfNobodyHa"));
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.error().fix.find("--custom"), std::string::npos) << graph.error().text();
}

TEST_F(CustomErrors, TestFindsAKernelThatWritesBeyondItsOutput) {
  const std::string toml = described("OverrunOp", "\"x[0]\"") + "[[test]]\nx = { shape = [4] }\n";
  const fs::path folder =
      write("overrun_op", toml,
            source("overrun_op", "OverrunOpParams",
                   "for (std::int32_t i = 0; i <= p.n; ++i) y[i] = static_cast<std::int8_t>(x[0] * 0 + 1);"));
  ASSERT_TRUE(
      write_file(folder / "overrun_op_reference.cc",
                 "#include \"overrun_op.h\"\nvoid mote::kernels::overrun_op_reference(const OverrunOpParams& p, "
                 "const float*, float* y) {\n  for (std::int32_t i = 0; i < p.n; ++i) y[i] = 1;\n}\n")
          .ok());
  const auto results = test_custom(folder, 1, 2);
  ASSERT_TRUE(results.ok()) << results.error().text();
  EXPECT_FALSE(results.value()[0].passed());
  EXPECT_EQ(results.value()[0].worst, 0);
  EXPECT_EQ(results.value()[0].faults, std::vector<std::string>{"writes outside 'y'"});
}

TEST(CustomExpression, ComputesAndRefuses) {
  const ExpressionScope scope = [](const std::string& name, std::optional<std::int64_t> index) -> Result<double> {
    if (name == "x" && index) return 10.0 + static_cast<double>(*index);
    return Error{name, "", ""};
  };
  EXPECT_EQ(evaluate("2 + 3 * (x[1] - 1) / 4", scope).value(), 9.5);
  EXPECT_EQ(evaluate("-max(floor(2.7), ceil(2.1))", scope).value(), -3);
  // 0.75 is 1610612736 * 2^(0 - 31)
  EXPECT_EQ(evaluate("multiplier(0.75)", scope).value(), 1610612736.0);
  EXPECT_EQ(evaluate("shift(0.75 / 4)", scope).value(), -2);
  EXPECT_FALSE(evaluate("1 / 0", scope).ok());
  EXPECT_FALSE(evaluate("1 +", scope).ok());
  EXPECT_FALSE(evaluate("1 2", scope).ok());
  EXPECT_FALSE(evaluate("y", scope).ok());
  EXPECT_FALSE(evaluate(std::string(100000, '('), scope).ok());
  EXPECT_FALSE(evaluate_integer("1 / 2", scope, 0, 9).ok());
  EXPECT_FALSE(evaluate_integer("10", scope, 0, 9).ok());
}

}  // namespace
}  // namespace mote
