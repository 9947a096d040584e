// Kernels of one instruction set on its emulated board, against the portable kernels on the host.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/codegen/writer.h"
#include "host/emulate/board.h"
#include "host/emulate/firmware.h"
#include "host/emulate/run.h"
#include "host/interpret/interpreter.h"
#include "host/ir/verify.h"
#include "host/passes/testing.h"
#include "host/plan/plan.h"
#include "host/program/program.h"

namespace mote::testing {

// A graph of one node, and the kernel that must be chosen for it and run.
struct KernelCase {
  Graph graph;
  std::string kernel;
};

// Random numbers for weighted nodes, by a seed.
class RandomValues {
 public:
  explicit RandomValues(std::uint32_t seed) : rng_(seed) {}
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(rng_);
  }
  float factor(double low, double high) {
    return static_cast<float>(std::exp(std::uniform_real_distribution<double>(std::log(low), std::log(high))(rng_)));
  }
  // Zero points like to sit at the ends.
  std::int32_t zero_point() {
    const std::int64_t kind = pick(0, 3);
    return static_cast<std::int32_t>(kind == 0 ? -128 : kind == 1 ? 127 : pick(-128, 127));
  }
  std::vector<std::int8_t> bytes(std::int64_t count, std::int64_t low = -128, std::int64_t high = 127) {
    std::vector<std::int8_t> out(static_cast<std::size_t>(count));
    for (std::int8_t& v : out) v = static_cast<std::int8_t>(pick(low, high));  // in [-128, 127]
    return out;
  }
  std::vector<std::int8_t> extreme_bytes(std::int64_t count, std::int64_t low, std::int64_t high) {
    std::vector<std::int8_t> out(static_cast<std::size_t>(count));
    for (std::int8_t& v : out) v = static_cast<std::int8_t>(pick(0, 1) == 0 ? low : high);  // in [-128, 127]
    return out;
  }
  std::vector<std::int32_t> words(std::int64_t count, std::int64_t low, std::int64_t high) {
    std::vector<std::int32_t> out(static_cast<std::size_t>(count));
    for (std::int32_t& v : out) v = static_cast<std::int32_t>(pick(low, high));  // the caller's interval
    return out;
  }

 private:
  std::mt19937 rng_;
};

// What a node's weights are: all of int8 but -128, its ends at random, only -128, or few and small.
enum class Weights : std::uint8_t { random, extreme, lowest, small };

// A weighted int8 node with random weights, biases and scales whose results spread over the output's range.
// `weights` is [channels along `axis`]; `taps` are summed into one output.
inline void add_weighted_node(GraphBuilder& b, RandomValues& random, OpKind kind, const Shape& x_shape,
                              const Shape& weights, std::int32_t axis, std::int64_t taps, const Shape& y_shape,
                              const std::vector<std::pair<std::string, AttrValue>>& attrs, Weights kind_of_weights) {
  const std::int64_t channels = weights.at(static_cast<std::size_t>(axis));
  const float in_scale = random.factor(0.01, 0.1);
  const double out_scale =
      in_scale * 0.01 * std::sqrt(static_cast<double>(taps)) * (kind_of_weights == Weights::random ? 70.0 : 200.0);
  Quant quant;
  quant.axis = axis;
  for (std::int64_t c = 0; c < channels; ++c) {
    quant.scale.push_back(0.01F * random.factor(0.1, 3.0));
    quant.zero_point.push_back(0);
  }
  const TensorId x = b.input(b.activation("x", x_shape, in_scale, random.zero_point()));
  const std::int64_t count = elements(weights);
  const auto values = kind_of_weights == Weights::random    ? random.bytes(count, -127)
                      : kind_of_weights == Weights::extreme ? random.extreme_bytes(count, -127, 127)
                      : kind_of_weights == Weights::lowest  ? random.bytes(count, -128, -128)
                                                            : random.bytes(count, -3, 3);
  const TensorId k = b.constant("k", DType::s8, weights, values, quant);
  const std::int64_t reach = taps * 1000;
  const TensorId bias = b.constant("b", DType::s32, {channels}, random.words(channels, -reach, reach));
  const TensorId y = b.output(b.activation("y", y_shape, static_cast<float>(out_scale), random.zero_point()));
  b.node(kind, {x, k, bias}, {y}, attrs);
}

inline void add_weighted_node(GraphBuilder& b, RandomValues& random, OpKind kind, const Shape& x_shape,
                              const Shape& weights, std::int32_t axis, std::int64_t taps, const Shape& y_shape,
                              const std::vector<std::pair<std::string, AttrValue>>& attrs, bool extreme = false) {
  add_weighted_node(b, random, kind, x_shape, weights, axis, taps, y_shape, attrs,
                    extreme ? Weights::extreme : Weights::random);
}

// Behind input, output and scratch, in bytes: a kernel that works on words or vectors goes astray by a few of them.
inline constexpr std::int64_t kGuardBytes = 64;

// Compiles every case for the board's core into one firmware, runs it there on random and extreme inputs, and compares
// with the portable kernels on the host, byte for byte. Every case is there twice: in the planned arena, where buffers
// overlap as far as the kernel's row allows, and with guards behind buffers that are apart.
inline void expect_bit_exact_on(const std::string& board_name, std::vector<KernelCase> cases, std::uint32_t seed) {
  auto board = load_board(board_name);
  ASSERT_TRUE(board.ok()) << board.error().text();
  if (!find_program(board.value().emulator->program, "").ok() || !find_program(board.value().core.compiler, "").ok()) {
    GTEST_SKIP() << "needs " << board.value().emulator->program << " and " << board.value().core.compiler;
  }
  RandomValues random(seed);
  std::vector<Program> programs;
  std::vector<RunRecord> records;
  std::vector<std::vector<Bytes>> wanted;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Graph& graph = cases[i].graph;
    graph.name = "case_" + std::to_string(i);
    SCOPED_TRACE(graph.name);
    const auto verified = verify(graph);
    ASSERT_TRUE(verified.ok()) << verified.error().text();
    IsaSet isas = board.value().core.isas;
    isas.goal = Goal::latency;  // kernels that unfold weights as well
    auto program = lower_graph(graph, isas);
    ASSERT_TRUE(program.ok()) << program.error().text();
    // A slower kernel with less scratch is chosen where there is no room for the faster one's.
    while (program.value().nodes[0].calls[0].row->name != cases[i].kernel && program.value().scratch_bytes(0) > 0) {
      isas.max_scratch_bytes = program.value().scratch_bytes(0) - 1;
      program = lower_graph(graph, isas);
      ASSERT_TRUE(program.ok()) << program.error().text();
    }
    ASSERT_EQ(program.value().nodes.at(0).calls.at(0).row->name, cases[i].kernel);
    Program guarded = program.value();
    guarded.graph.name += "_guarded";
    guarded.guard_bytes = kGuardBytes;
    // A kernel that plans no scratch, and uses it nevertheless, shall not do so at address 0, where nobody looks.
    for (KernelCall& call : guarded.nodes[0].calls) call.scratch_bytes = std::max<std::int64_t>(call.scratch_bytes, 1);
    for (Program* p : {&program.value(), &guarded}) {
      const auto planned = plan_memory(*p);
      ASSERT_TRUE(planned.ok()) << planned.error().text();
    }
    auto interpreter = Interpreter::create(graph);
    ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
    for (int kind = 0; kind < 3; ++kind) {
      std::vector<Bytes> inputs;
      for (const TensorId id : graph.inputs) {
        const std::int64_t count = graph.tensor(id).size_bytes();
        inputs.push_back(bytes_of(kind == 0   ? random.bytes(count)
                                  : kind == 1 ? random.extreme_bytes(count, -128, 127)
                                              : std::vector<std::int8_t>(static_cast<std::size_t>(count), -128)));
      }
      auto outputs = interpreter.value().run(inputs);
      ASSERT_TRUE(outputs.ok()) << outputs.error().text();
      for (const std::size_t model : {2 * i, 2 * i + 1}) {
        wanted.push_back(outputs.value());
        records.push_back({model, inputs});
      }
    }
    programs.push_back(std::move(program).value());
    programs.push_back(std::move(guarded));
  }
  auto folder = TemporaryFolder::create("mote-kernels");
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  auto code = write_code(programs, folder.value().path() / "code", {});
  ASSERT_TRUE(code.ok()) << code.error().text();
  FirmwareOptions options;
  options.canaries = true;
  auto firmware = build_firmware(board.value(), code.value(), folder.value().path() / "code",
                                 folder.value().path() / "work", options);
  ASSERT_TRUE(firmware.ok()) << firmware.error().text();
  auto report = run_firmware(firmware.value(), records);
  ASSERT_TRUE(report.ok()) << report.error().text();
  for (std::size_t r = 0; r < records.size(); ++r) {
    const std::string& kernel = cases[records[r].model / 2].kernel;
    ASSERT_EQ(report.value().records[r].outputs, wanted[r])
        << kernel << ", case " << programs[records[r].model].graph.name << ", input " << r / 2 % 3 << ", seed " << seed;
  }
  for (const std::uint32_t bytes : report.value().invoke_stack_bytes) EXPECT_LE(bytes, 1536U);
}

}  // namespace mote::testing
