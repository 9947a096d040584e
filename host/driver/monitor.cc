// Bytes in, runs out; means beside estimates.
#include "host/driver/monitor.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/monitor/port.h"
#include "host/report/html.h"
#include "host/report/table.h"

namespace mote {
namespace {

using nlohmann::json;

constexpr std::size_t kKept = 10000;

struct LayerSummary {
  std::string name;
  double mean = 0;
  double least = 0;
  double most = 0;
  std::optional<double> estimate;
  std::optional<double> joules;
};

// Means over the runs of the model that came last.
std::vector<LayerSummary> summarize(const MonitorReport& report) {
  std::vector<LayerSummary> out;
  if (report.runs.empty()) return out;
  const MarkedRun& last = report.runs.back();
  out.resize(last.cycles.size());
  double count = 0;
  for (const MarkedRun& run : report.runs) {
    if (run.model != last.model || run.cycles.size() != out.size()) continue;
    ++count;
    for (std::size_t l = 0; l < out.size(); ++l) {
      const double cycles = run.cycles[l];
      out[l].mean += cycles;
      out[l].least = count == 1 ? cycles : std::min(out[l].least, cycles);
      out[l].most = std::max(out[l].most, cycles);
    }
  }
  for (std::size_t l = 0; l < out.size(); ++l) {
    out[l].mean /= count;
    out[l].name = fmt::format("{}", l);
    if (report.estimate) {
      out[l].name = report.estimate->layers[l].name;
      out[l].estimate = report.estimate->layers[l].cycles;
    }
    if (report.energy) out[l].joules = report.energy->layer_j[l];
  }
  LayerSummary total{"total", 0, 0, 0, {}, {}};
  for (const LayerSummary& l : out) {
    total.mean += l.mean;
    if (l.estimate) total.estimate = total.estimate.value_or(0) + *l.estimate;
    if (l.joules) total.joules = total.joules.value_or(0) + *l.joules;
  }
  for (const MarkedRun& run : report.runs) {
    if (run.model != last.model || run.cycles.size() != last.cycles.size()) continue;
    const auto cycles = static_cast<double>(run.total);
    total.least = total.least == 0 ? cycles : std::min(total.least, cycles);
    total.most = std::max(total.most, cycles);
  }
  out.push_back(std::move(total));
  return out;
}

std::string whole(double value) { return grouped(static_cast<std::int64_t>(std::llround(value))); }

std::string difference(const LayerSummary& l) {
  if (!l.estimate || l.mean == 0) return "";
  return fmt::format("{:+.1f}%", 100 * (*l.estimate - l.mean) / l.mean);
}

std::vector<std::string> titles(const MonitorReport& report) {
  std::vector<std::string> out = {"layer", "cycles, mean", "least", "most"};
  if (report.estimate) out.insert(out.end(), {"estimate", "off by"});
  if (report.energy) out.emplace_back("uJ");
  return out;
}

std::vector<std::string> cells(const MonitorReport& report, const LayerSummary& l) {
  std::vector<std::string> out = {l.name, whole(l.mean), whole(l.least), whole(l.most)};
  if (report.estimate) out.insert(out.end(), {l.estimate ? whole(*l.estimate) : "", difference(l)});
  if (report.energy) out.push_back(l.joules ? fmt::format("{:.2f}", *l.joules * 1e6) : "");
  return out;
}

std::vector<std::string> notes(const MonitorReport& report) {
  std::vector<std::string> out;
  const auto note = [&](std::uint64_t count, const char* text) {
    if (count > 0) out.push_back(fmt::format("{} {}", count, text));
  };
  note(report.losses.damaged_lines, "damaged lines");
  note(report.losses.cut_runs, "inferences cut in the middle");
  note(report.losses.missing_runs, "inferences that never arrived");
  note(report.losses.restarts, "restarts of the chip's count");
  note(static_cast<std::uint64_t>(report.returns), "times the port vanished and returned");
  if (report.energy && report.energy->pulses != report.energy->runs) {
    out.push_back(fmt::format("the current log shows {} inferences, the chip reported {}: paired from the first on",
                              report.energy->pulses, report.energy->runs));
  }
  if (report.estimate) {
    out.push_back(report.estimate->band_percent > 0
                      ? fmt::format("the estimate claims to be within {:.0f}%; it rests on {}",
                                    report.estimate->band_percent, report.estimate->rests_on)
                      : fmt::format("the estimate claims no band; it rests on {}", report.estimate->rests_on));
  }
  return out;
}

double milliseconds(const MarkedRun& run, double cycles) {
  return run.clock_hz == 0 ? 0 : 1000 * cycles / run.clock_hz;
}

}  // namespace

Result<ModelEstimate> read_estimate(const std::filesystem::path& file) {
  MOTE_LET(text, read_text_file(file));
  const Error wrong{"is no profile of a model", file.string(), "write one with: mote profile MODEL --json"};
  const json root = json::parse(text, nullptr, false);
  if (!root.is_object() || !root.contains("layers") || !root["layers"].is_array()) return wrong;
  try {
    ModelEstimate out;
    const double windows = std::max(1.0, root.value("windows", 1.0));
    out.rests_on = root.value("rests_on", "");
    if (root.contains("band_percent") && root["band_percent"].is_number()) out.band_percent = root["band_percent"];
    for (const json& layer : root["layers"]) {
      // What is between layers is not measured by marks.
      if (layer.value("kernel", "").empty()) continue;
      out.layers.push_back({layer.at("name").get<std::string>(), layer.at("cycles").get<double>() / windows});
    }
    return out;
  } catch (const json::exception&) {
    return wrong;
  }
}

Result<MonitorReport> monitor(const MonitorOptions& options) {
  MOTE_LET(port, Port::open(options.port, options.baud));
  std::ofstream log;
  if (!options.log.empty()) {
    log.open(options.log, std::ios::trunc);
    log << "run,model,layer,cycles,clock_hz\n";
  }
  MonitorReport out;
  MarkReader reader;
  std::string bytes;
  bool is_gone = false;
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::chrono::milliseconds kWait{100};
  const auto is_enough = [&] {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    return interrupted() || (options.runs > 0 && out.run_count >= options.runs) ||
           (options.seconds > 0 && passed.count() >= options.seconds);
  };
  while (!is_enough()) {
    bytes.clear();
    const Port::State state = port.read(bytes, kWait);
    if (state == Port::State::gone && !is_gone) {
      reader.end();
      if (options.on_event) options.on_event("the port vanished; waiting for it to return");
    }
    if (state == Port::State::open && is_gone && options.on_event) options.on_event("the port is there again");
    is_gone = state == Port::State::gone;
    for (MarkedRun& run : reader.feed(bytes)) {
      if (is_enough()) break;
      ++out.run_count;
      for (std::size_t l = 0; log.is_open() && l < run.cycles.size(); ++l) {
        log << fmt::format("{},{},{},{},{}\n", run.run, run.model, l, run.cycles[l], run.clock_hz);
      }
      log.flush();
      if (options.on_run) options.on_run(run);
      if (out.runs.size() == kKept) out.runs.erase(out.runs.begin());
      out.runs.push_back(std::move(run));
    }
    if (!options.log.empty() && !log) return Error{"the log cannot be written", options.log.string(), "check the disk"};
    if (state == Port::State::ended) break;
  }
  // What is on its way when we stop by ourselves is no loss.
  if (!(options.runs > 0 && out.run_count >= options.runs)) reader.end();
  out.losses = reader.losses();
  out.returns = port.returns();
  return out;
}

Status add_estimate(MonitorReport& report, const std::filesystem::path& profile) {
  MOTE_LET(estimate, read_estimate(profile));
  if (report.runs.empty()) return {};
  const MarkedRun& last = report.runs.back();
  if (estimate.layers.size() != last.cycles.size()) {
    return Error{fmt::format("estimates {} layers, the chip reports {} of '{}'", estimate.layers.size(),
                             last.cycles.size(), last.model),
                 profile.string(), "profile the model with the options it was compiled with"};
  }
  report.estimate = std::move(estimate);
  return {};
}

Status add_current(MonitorReport& report, const std::filesystem::path& log, double volts) {
  MOTE_LET(current, read_current_log(log));
  auto energy = measure_energy(current, report.runs, volts);
  if (!energy.ok()) return std::move(energy).error().in(log.string());
  report.energy = std::move(energy).value();
  return {};
}

std::string monitor_text(const MonitorReport& report) {
  if (report.runs.empty()) {
    std::string out = "no inference arrived whole\n";
    for (const std::string& note : notes(report)) out += "  note          " + note + "\n";
    return out;
  }
  const MarkedRun& last = report.runs.back();
  const std::vector<LayerSummary> layers = summarize(report);
  std::string out = fmt::format("{}, {} inferences at {:.1f} MHz\n", last.model, report.run_count, last.clock_hz / 1e6);
  out += fmt::format("  measured      {} cycles, {:.3f} ms\n", whole(layers.back().mean),
                     milliseconds(last, layers.back().mean));
  if (report.energy) {
    out += fmt::format("  energy        {:.2f} uJ an inference, {:.2f} uW between them\n",
                       report.energy->inference_j * 1e6, report.energy->idle_w * 1e6);
  }
  for (const std::string& note : notes(report)) out += "  note          " + note + "\n";
  std::vector<Column> columns;
  for (const std::string& title : titles(report)) {
    columns.push_back({title, columns.empty() ? Align::left : Align::right, columns.empty()});
  }
  Table table(columns);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (l + 1 == layers.size()) table.add_rule();
    table.add(cells(report, layers[l]));
  }
  constexpr std::size_t kWidth = 120;
  return out + "\n" + table.text(kWidth);
}

json monitor_json(const MonitorReport& report) {
  json out = {{"runs", report.run_count},
              {"damaged_lines", report.losses.damaged_lines},
              {"cut_runs", report.losses.cut_runs},
              {"missing_runs", report.losses.missing_runs},
              {"restarts", report.losses.restarts},
              {"port_returns", report.returns},
              {"layers", json::array()}};
  if (report.energy) {
    out["inference_uj"] = report.energy->inference_j * 1e6;
    out["idle_uw"] = report.energy->idle_w * 1e6;
    out["pulses"] = report.energy->pulses;
  }
  if (report.runs.empty()) return out;
  out["model"] = report.runs.back().model;
  out["clock_hz"] = report.runs.back().clock_hz;
  for (const LayerSummary& l : summarize(report)) {
    json one = {{"name", l.name}, {"cycles", l.mean}, {"least", l.least}, {"most", l.most}};
    if (l.estimate) one["estimate"] = *l.estimate;
    if (l.joules) one["uj"] = *l.joules * 1e6;
    out["layers"].push_back(std::move(one));
  }
  return out;
}

std::string monitor_html(const MonitorReport& report) {
  if (report.runs.empty()) {
    HtmlPage page("Measured on the chip", "no inference arrived whole");
    for (const std::string& note : notes(report)) page.warning(note);
    return page.text();
  }
  const MarkedRun& last = report.runs.back();
  const std::vector<LayerSummary> layers = summarize(report);
  HtmlPage page("Measured on the chip", fmt::format("{} at {:.1f} MHz", last.model, last.clock_hz / 1e6));
  std::vector<HtmlTile> tiles = {{"inferences", grouped(static_cast<std::int64_t>(report.run_count)), ""},
                                 {"cycles, mean", whole(layers.back().mean), ""},
                                 {"time", fmt::format("{:.3f} ms", milliseconds(last, layers.back().mean)), ""}};
  if (report.estimate) {
    tiles.push_back({"estimate", whole(layers.back().estimate.value_or(0)), "off by " + difference(layers.back())});
  }
  if (report.energy) {
    tiles.push_back({"energy", fmt::format("{:.2f} uJ", report.energy->inference_j * 1e6), "measured"});
  }
  page.tiles(tiles);
  for (const std::string& note : notes(report)) page.paragraph(note);
  page.section("Layers");
  std::vector<Bar> bars;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    const std::string note = difference(layers[l]);
    bars.push_back(
        {layers[l].name, layers[l].mean, whole(layers[l].mean) + (note.empty() ? "" : ", estimate " + note)});
  }
  page.figure(bar_svg("Mean cycles by layer", bars));
  HtmlTable table{titles(report), {}, 1, true};
  for (const LayerSummary& l : layers) table.rows.push_back(cells(report, l));
  page.table(table);
  page.section("Over time");
  Series total{"cycles", {}, {}};
  for (const MarkedRun& run : report.runs) {
    if (run.model != last.model) continue;
    total.x.push_back(run.run);
    total.y.push_back(static_cast<double>(run.total));
  }
  page.figure(line_svg({"Cycles of every inference", "inference, as the chip counts", "cycles"}, {total}));
  return page.text();
}

}  // namespace mote
