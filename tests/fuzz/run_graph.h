// What the fuzz targets do with a graph that the verifier accepts: everything short of generating code.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "host/interpret/interpreter.h"
#include "host/ir/graph.h"
#include "host/ir/text.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"
#include "host/passes/pass.h"
#include "host/plan/plan.h"
#include "host/program/program.h"

namespace mote::fuzz {

// Aborts where a property does not hold, which the fuzzer reports with the input at hand.
inline void require(bool property, const char* what, const std::string& detail = "") {
  if (property) return;
  std::fprintf(stderr, "property violated: %s\n%s\n", what, detail.c_str());
  std::abort();
}

// Small enough to run thousands of times a second.
inline bool is_small(const Graph& g) {
  std::int64_t bytes = 0;
  std::int64_t macs = 0;
  for (const Tensor& t : g.tensors) bytes += t.size_bytes();
  for (const Node& n : g.nodes) macs += op_row(n.kind).def->macs(g, n);
  return bytes <= (1 << 18) && macs >= 0 && macs <= (1 << 20) && g.nodes.size() <= 64;
}

// `data` repeated as the bytes of every input; booleans are 0 or 1 as everywhere.
inline std::vector<Bytes> inputs_from(const Graph& g, std::span<const std::uint8_t> data) {
  std::vector<Bytes> out;
  std::size_t at = 0;
  for (const TensorId id : g.inputs) {
    const Tensor& t = g.tensor(id);
    Bytes bytes(static_cast<std::size_t>(t.size_bytes()));
    for (std::uint8_t& b : bytes) {
      b = data.empty() ? std::uint8_t{0} : data[at++ % data.size()];
      if (t.type == DType::boolean) b &= 1U;
    }
    out.push_back(std::move(bytes));
  }
  return out;
}

inline std::vector<Bytes> run(const Graph& g, const std::vector<Bytes>& inputs, bool& lowered) {
  Result<Interpreter> interpreter = Interpreter::create(g);
  lowered = interpreter.ok();  // scales may be refused as late as here
  if (!lowered) return {};
  Result<std::vector<Bytes>> outputs = interpreter.value().run(inputs);
  require(outputs.ok(), "a lowered graph runs", outputs.ok() ? "" : outputs.error().text());
  return std::move(outputs).value();
}

// g has passed verify(). Prints and reads it back, runs it, runs all passes, runs it again and plans its memory.
inline void exercise(Graph g, std::span<const std::uint8_t> data) {
  const std::string text = print_graph(g);
  const Result<Graph> back = parse_graph(text);
  require(back.ok(), "the text form reads back", back.ok() ? "" : back.error().text());
  require(print_graph(back.value()) == text, "the text form is stable");
  if (!is_small(g)) return;
  const std::vector<Bytes> inputs = inputs_from(g, data);
  bool lowered = false;
  const std::vector<Bytes> before = run(g, inputs, lowered);
  if (!lowered) return;
  const Status passes = run_passes(g, {});
  require(passes.ok(), "passes accept a graph that runs", passes.ok() ? "" : passes.error().text());
  const std::vector<Bytes> after = run(g, inputs, lowered);
  require(lowered, "a graph still lowers after the passes");
  require(after == before, "passes do not change a byte", text);
  Result<Program> program = lower_graph(g, IsaSet{});
  if (!program.ok()) return;  // the passes found out that an output is constant
  const Status plan = plan_memory(program.value());
  require(plan.ok(), "a program that runs has a sound memory plan", plan.ok() ? "" : plan.error().text());
}

}  // namespace mote::fuzz
