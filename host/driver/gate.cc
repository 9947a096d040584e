// Measure, compare, name the culprit.
#include "host/driver/gate.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "host/base/file.h"
#include "host/base/markup.h"
#include "host/cycles/hardware.h"
#include "host/driver/profile.h"
#include "host/driver/records.h"
#include "host/input/values.h"
#include "host/report/table.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kAccuracy = "accuracy_percent";
constexpr int kIndent = 1;

Result<Goal> goal_named(const std::string& name) {
  for (const Goal g : {Goal::latency, Goal::ram, Goal::flash, Goal::balanced}) {
    if (name == kGoalNames[static_cast<std::size_t>(g)]) return g;
  }
  return Error{fmt::format("'{}' is nothing to optimize for", name), "", "latency, ram, flash or balanced"};
}

Result<std::vector<std::vector<Bytes>>> inputs_of(const Graph& graph, const GateEntry& entry, const fs::path& folder) {
  if (entry.inputs.empty()) return noise_records(graph, 1, 1);
  std::vector<std::string> files;
  for (const std::string& file : entry.inputs) files.push_back((folder / file).string());
  return load_records(graph, files);
}

double accuracy_of(const ModelRun& run, const std::vector<std::size_t>& expected) {
  std::size_t right = 0;
  for (std::size_t r = 0; r < run.report.records.size(); ++r) {
    const std::vector<double> values = decode_values(run.model.outputs.at(0).type, run.report.records[r].outputs.at(0));
    const auto best = static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
    if (best == expected[r]) ++right;
  }
  return 100 * static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(1, expected.size()));
}

std::string number(double value) {
  return value == std::floor(value) ? grouped(static_cast<std::int64_t>(value)) : fmt::format("{:.3f}", value);
}

}  // namespace

Result<GateBaseline> read_gate(const fs::path& file) {
  MOTE_LET(text, read_text_file(file));
  try {
    const json root = json::parse(text);
    GateBaseline out;
    out.tolerance_percent = root.at("tolerance_percent").get<double>();
    for (const json& e : root.at("entries")) {
      GateEntry& entry = out.entries.emplace_back();
      entry.model = e.at("model").get<std::string>();
      entry.board = e.at("board").get<std::string>();
      entry.optimize = e.value("optimize", "balanced");
      entry.hardware = e.value("hardware", "");
      entry.inputs = e.value("inputs", std::vector<std::string>());
      entry.expected = e.value("expected", std::vector<std::size_t>());
      entry.figures = e.value("figures", GateFigures());
      for (const json& l : e.value("layers", json::array())) {
        entry.layers.push_back({l.at("op").get<std::string>(), l.at("kernel").get<std::string>(),
                                l.at("instructions").get<double>(), l.at("cycles").get<double>()});
      }
    }
    if (!(out.tolerance_percent >= 0)) {
      return Error{"'tolerance_percent' must not be negative", file.string(), "see docs/guides/profile.md"};
    }
    return out;
  } catch (const json::exception& e) {
    return Error{e.what(), file.string(), "see docs/guides/profile.md"};
  }
}

Status write_gate(const fs::path& file, const GateBaseline& baseline) {
  json root = {{"tolerance_percent", baseline.tolerance_percent}, {"entries", json::array()}};
  for (const GateEntry& entry : baseline.entries) {
    json e = {{"model", entry.model}, {"board", entry.board}, {"optimize", entry.optimize}, {"figures", entry.figures}};
    if (!entry.hardware.empty()) e["hardware"] = entry.hardware;
    if (!entry.inputs.empty()) e["inputs"] = entry.inputs;
    if (!entry.expected.empty()) e["expected"] = entry.expected;
    for (const GateLayer& l : entry.layers) {
      e["layers"].push_back(
          {{"op", l.op}, {"kernel", l.kernel}, {"instructions", l.instructions}, {"cycles", l.cycles}});
    }
    root["entries"].push_back(std::move(e));
  }
  return write_file(file, root.dump(kIndent) + "\n");
}

Result<GateEntry> measure_gate(const GateEntry& entry, const fs::path& folder, const fs::path& overlay) {
  MOTE_LET(goal, goal_named(entry.optimize));
  MOTE_LET(graph, load_model(folder / entry.model));
  MOTE_LET(inputs, inputs_of(graph, entry, folder));
  if (!entry.expected.empty() && entry.expected.size() != inputs.size()) {
    return Error{fmt::format("{} classes are expected of {} inputs", entry.expected.size(), inputs.size()), entry.model,
                 "state one class per input"};
  }
  RunModelOptions options;
  options.board = entry.board;
  options.compile.goal = goal;
  options.trace_blocks = true;
  options.overlay = overlay;
  MOTE_LET(run, run_model(graph, inputs, options));
  if (!run.mismatches.empty()) {
    return Error{"the board computes something else than the host interpreter", entry.name(),
                 "find the layer with 'mote run --trace'"};
  }
  GateEntry out = entry;
  out.figures = {{"flash_bytes", static_cast<double>(run.sizes.flash)},
                 {"ram_bytes", static_cast<double>(run.sizes.ram)},
                 {"arena_bytes", static_cast<double>(run.model.arena_bytes)},
                 {"stack_bytes", static_cast<double>(run.report.invoke_stack_bytes.at(0))}};
  out.layers.clear();
  if (!entry.expected.empty()) out.figures[kAccuracy] = accuracy_of(run, entry.expected);
  if (!run.report.counted) return out;  // on the host
  MOTE_LET(profile, profile_run(run, {}));
  const auto n = static_cast<double>(profile.windows);
  out.figures["instructions"] = static_cast<double>(profile.total.instructions) / n;
  out.figures["cycles"] = profile.total.cycles / n;
  if (!entry.hardware.empty()) {
    MOTE_LET(hardware, load_hardware(entry.hardware));
    out.figures["energy_uj"] = energy_of(hardware, profile.total.cycles / n).inference_uj;
  }
  for (std::size_t l = 0; l < run.model.layers.size(); ++l) {
    const Cost& cost = profile.layers[l].cost;
    out.layers.push_back({run.model.layers[l].op, run.model.layers[l].kernel,
                          static_cast<double>(cost.instructions) / n, cost.cycles / n});
  }
  return out;
}

double GateDelta::percent() const {
  if (before == after) return 0;
  return before == 0 ? INFINITY : 100 * (after - before) / before;
}

GateResult compare_gate(const GateEntry& before, const GateEntry& after, double tolerance_percent) {
  GateResult out;
  out.name = after.name();
  // Beyond the tolerance and beyond rounding.
  const auto worse = [&](double was, double is) { return is - was > was * tolerance_percent / 100 + 1e-6; };
  for (const auto& [figure, was] : before.figures) {
    const auto found = after.figures.find(figure);
    if (found == after.figures.end()) {
      out.failures.push_back(fmt::format("{} is no longer measured", figure));
      continue;
    }
    const double is = found->second;
    GateDelta& delta = out.deltas.emplace_back(GateDelta{figure, was, is, false});
    delta.is_worse = figure == kAccuracy ? was - is > tolerance_percent : worse(was, is);
    if (!delta.is_worse) continue;
    out.failures.push_back(fmt::format("{} {} -> {} ({:+.1f}%)", figure, number(was), number(is), delta.percent()));
  }
  for (std::size_t l = 0; l < std::min(before.layers.size(), after.layers.size()); ++l) {
    const GateLayer& was = before.layers[l];
    const GateLayer& is = after.layers[l];
    if (was.op != is.op || (!worse(was.instructions, is.instructions) && !worse(was.cycles, is.cycles))) continue;
    const std::string kernel =
        was.kernel == is.kernel ? is.kernel : fmt::format("{}, which was {}", is.kernel, was.kernel);
    out.failures.push_back(fmt::format("layer {} {} got slower: kernel {}, instructions {} -> {}, cycles {} -> {}", l,
                                       is.op, kernel, number(was.instructions), number(is.instructions),
                                       number(was.cycles), number(is.cycles)));
  }
  return out;
}

std::string gate_text(const std::vector<GateResult>& results) {
  std::string out;
  for (const GateResult& result : results) {
    Table table({{result.name}, {"before", Align::right}, {"now", Align::right}, {"change", Align::right}, {""}});
    for (const GateDelta& d : result.deltas) {
      table.add({d.figure, number(d.before), number(d.after), fmt::format("{:+.2f}%", d.percent()),
                 d.is_worse ? "WORSE" : ""});
    }
    constexpr std::size_t kWidth = 120;
    out += table.text(kWidth);
    for (const std::string& failure : result.failures) out += "  " + failure + "\n";
    out += "\n";
  }
  return out;
}

std::string gate_junit(const std::vector<GateResult>& results) {
  const auto failed = std::ranges::count_if(results, [](const GateResult& r) { return !r.failures.empty(); });
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuite name=\"mote gate\" tests=\"{}\" failures=\"{}\">\n", results.size(), failed);
  for (const GateResult& r : results) {
    out += fmt::format("  <testcase classname=\"mote.gate\" name=\"{}\" time=\"{:.3f}\">\n", escape_markup(r.name),
                       r.seconds);
    if (!r.failures.empty()) {
      std::string all;
      for (const std::string& failure : r.failures) all += failure + "\n";
      out += fmt::format("    <failure message=\"{}\">{}</failure>\n", escape_markup(r.failures.front()),
                         escape_markup(all));
    }
    out += "  </testcase>\n";
  }
  return out + "</testsuite>\n";
}

}  // namespace mote
