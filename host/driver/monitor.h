// What a chip reported of its inferences, beside the estimate, as table, page and log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "host/base/result.h"
#include "host/monitor/current.h"
#include "host/monitor/marks.h"

namespace mote {

// Of `mote profile --json`: what each layer was estimated to cost.
struct LayerEstimate {
  std::string name;
  double cycles = 0;
};
struct ModelEstimate {
  std::vector<LayerEstimate> layers;
  double band_percent = 0;  // 0: not known
  std::string rests_on;
};
// Errors: unreadable, or no profile of a model.
Result<ModelEstimate> read_estimate(const std::filesystem::path& file);

struct MonitorOptions {
  std::filesystem::path port;  // or a file
  int baud = 115200;
  std::uint64_t runs = 0;     // stop after so many; 0: at the file's end, or when interrupted
  double seconds = 0;         // stop after so long; 0: never
  std::filesystem::path log;  // a line of CSV for each layer of each run, written as they come; empty: none
  std::function<void(const MarkedRun&)> on_run;
  std::function<void(const std::string&)> on_event;  // the port vanished, or returned
};

struct MonitorReport {
  std::vector<MarkedRun> runs;  // the last 10,000
  std::uint64_t run_count = 0;
  MarkLosses losses;
  int returns = 0;  // of the port
  std::optional<ModelEstimate> estimate;
  std::optional<MeasuredEnergy> energy;
};

// Reads until it is told to stop. Errors: the port cannot be opened at the start; the log cannot be written.
Result<MonitorReport> monitor(const MonitorOptions& options);

// Errors: another number of layers than the runs have.
Status add_estimate(MonitorReport& report, const std::filesystem::path& profile);
Status add_current(MonitorReport& report, const std::filesystem::path& log, double volts);

[[nodiscard]] std::string monitor_text(const MonitorReport& report);
[[nodiscard]] nlohmann::json monitor_json(const MonitorReport& report);
[[nodiscard]] std::string monitor_html(const MonitorReport& report);

}  // namespace mote
