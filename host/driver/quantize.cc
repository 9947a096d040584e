// Passes that hold for float, ranges, int8, losses.
#include "host/driver/quantize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "host/export/padding.h"
#include "host/interpret/interpreter.h"
#include "host/ops/infer.h"
#include "host/passes/pass.h"

namespace mote {
namespace {

using Outputs = std::vector<std::vector<float>>;

constexpr double kExact = 200;  // dB: no difference

// Of the outputs against those of the float model.
double sqnr_db(const Outputs& real, const Outputs& outputs) {
  double signal = 0;
  double noise = 0;
  for (std::size_t r = 0; r < real.size(); ++r) {
    for (std::size_t i = 0; i < real[r].size(); ++i) {
      const auto v = static_cast<double>(real[r][i]);
      const double e = v - static_cast<double>(outputs[r][i]);
      signal += v * v;
      noise += e * e;
    }
  }
  return noise > 0 ? std::min(kExact, 10 * std::log10(std::max(signal, 1e-30) / noise)) : kExact;
}

std::size_t constant_bytes(const Graph& graph) {
  std::size_t out = 0;
  for (const Tensor& t : graph.tensors) out += t.is_constant ? t.data.size() : 0;
  return out;
}

Result<std::set<std::size_t>> nodes_named(const Graph& graph, const std::vector<std::string>& names) {
  std::set<std::size_t> out;
  for (const std::string& name : names) {
    const std::size_t before = out.size();
    bool found = false;
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      if (graph.nodes[n].name == name || name_of(graph.nodes[n].kind) == name) {
        out.insert(n);
        found = true;
      }
    }
    if (!found && out.size() == before) {
      return Error{fmt::format("there is no node and no operator '{}'", name), graph.source,
                   "'mote inspect' shows the names"};
    }
  }
  return out;
}

Result<Outputs> outputs_of(const Graph& graph, const std::vector<std::vector<Bytes>>& records) {
  MOTE_LET(interpreter, Interpreter::create(graph));
  Outputs out;
  for (const auto& record : records) {
    MOTE_LET(values, interpreter.run(record));
    out.emplace_back(values[0].size() / sizeof(float));
    std::memcpy(out.back().data(), values[0].data(), out.back().size() * sizeof(float));
  }
  return out;
}

}  // namespace

Result<QuantizedModel> quantize_model(Graph graph, const std::vector<std::vector<Bytes>>& calibration,
                                      const std::vector<std::vector<Bytes>>& test,
                                      const QuantizeModelOptions& options) {
  const auto is_float = [&](TensorId id) { return graph.tensor(id).type == DType::f32; };
  if (!std::ranges::any_of(graph.nodes, [&](const Node& n) { return is_float(n.outputs[0]); })) {
    return Error{"has no float operators", graph.source, "it is quantised already: compile it as it is"};
  }
  if (!graph.states.empty()) {
    return Error{"has state from run to run", graph.source, "quantise it where it was trained"};
  }
  const auto converts = [](const Node& n) { return n.kind == OpKind::quantize || n.kind == OpKind::dequantize; };
  if (!std::ranges::all_of(graph.inputs, is_float) || !is_float(graph.outputs[0]) ||
      std::ranges::any_of(graph.nodes, converts)) {
    return Error{"has inputs, outputs or operators that are not float", graph.source,
                 "it is quantised in part: compile it as it is"};
  }
  MOTE_LET(named, nodes_named(graph, options.keep_float));
  std::set<std::pair<OpKind, std::string>> kept;  // passes renumber nodes
  for (const std::size_t n : named) kept.emplace(graph.nodes[n].kind, graph.nodes[n].name);
  // What is one operator on the chip has one range: an activation that is a clamp leaves no tensor before it.
  PassOptions passes;
  passes.only = {"fold_constants", "remove_identity", "fuse_activation", "remove_dead"};
  MOTE_TRY(run_passes(graph, passes));
  MOTE_LET(ranges, calibrate(graph, calibration, options.calibration));

  QuantizedModel out;
  QuantizeOptions how;
  std::set<std::size_t> in_float;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (kept.contains({graph.nodes[n].kind, graph.nodes[n].name})) in_float.insert(n);
  }
  how.selected = [&](std::size_t n) { return !in_float.contains(n); };
  auto int8 = quantize_graph(graph, ranges, how);
  if (!int8.ok()) {
    // Which nodes have no int8 form? Each is tried alone.
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      if (in_float.contains(n)) continue;
      QuantizeOptions alone;
      alone.selected = [n](std::size_t other) { return other == n; };
      const auto tried = quantize_graph(graph, ranges, alone);
      if (tried.ok()) continue;
      in_float.insert(n);
      out.left.push_back({graph.where(graph.nodes[n]), tried.error().what});
    }
    if (out.left.empty()) return std::move(int8).error();
    int8 = quantize_graph(graph, ranges, how);
    if (!int8.ok()) return std::move(int8).error();
  }
  out.graph = std::move(int8).value();
  MOTE_TRY(spell_padding(out.graph));
  MOTE_TRY(verify(out.graph));

  MOTE_LET(real, outputs_of(graph, test));
  std::vector<Outputs> seen;  // of the float graph, of the int8 graph, of others
  const auto score = [&](const Outputs& outputs) {
    seen.push_back(outputs);
    return sqnr_db(real, outputs);
  };
  MOTE_LET(loss, measure_loss(graph, ranges, how, test, score, options.each_layer));
  const Outputs& small = seen[1];
  out.sqnr_db = loss.score_int8;
  std::size_t same = 0;
  for (std::size_t r = 0; r < real.size(); ++r) {
    same +=
        std::ranges::max_element(real[r]) - real[r].begin() == std::ranges::max_element(small[r]) - small[r].begin();
    for (std::size_t i = 0; i < real[r].size(); ++i) {
      out.worst_error = std::max(out.worst_error, std::fabs(static_cast<double>(real[r][i] - small[r][i])));
    }
  }
  if (!real.empty() && real[0].size() > 1)
    out.same_class = static_cast<double>(same) / static_cast<double>(real.size());
  out.layers = std::move(loss.layers);
  out.records = test.size();
  out.bytes_float = constant_bytes(graph);
  out.bytes_int8 = constant_bytes(out.graph);
  return out;
}

}  // namespace mote
