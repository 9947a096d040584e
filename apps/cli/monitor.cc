// mote monitor: what a real chip says of its layers, live or from a file, beside the estimate.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/driver/monitor.h"

namespace mote::cli {
namespace {

struct Options {
  MonitorOptions monitor;
  std::string profile;
  std::string current;
  double volts = 3.0;
  std::string html;
  bool json = false;
};

Status run(const Options& given) {
  Options options = given;
  if (!options.json) {
    options.monitor.on_run = [](const MarkedRun& r) {
      std::fputs(
          fmt::format(
              "{} {}: {} cycles{}\n", r.model, r.run, r.total,
              r.clock_hz > 0 ? fmt::format(", {:.3f} ms", 1000.0 * static_cast<double>(r.total) / r.clock_hz) : "")
              .c_str(),
          stderr);
    };
  }
  options.monitor.on_event = [](const std::string& text) { std::fputs((text + "\n").c_str(), stderr); };
  MOTE_LET(report, monitor(options.monitor));
  if (!options.profile.empty()) MOTE_TRY(add_estimate(report, options.profile));
  if (!options.current.empty()) MOTE_TRY(add_current(report, options.current, options.volts));
  if (!options.html.empty()) MOTE_TRY(write_file(options.html, monitor_html(report)));
  if (options.json) {
    fmt::print("{}\n", monitor_json(report).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", monitor_text(report));
  }
  if (report.runs.empty()) {
    return Error{"no inference arrived whole", options.monitor.port.string(),
                 "check the speed, and that the program was compiled with --marks and prints them"};
  }
  return {};
}

}  // namespace

void add_monitor(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "monitor", "Read what a chip says of its layers (compile --marks) from a serial port or a file; Ctrl-C ends it.");
  command->add_option("port", options->monitor.port, "A serial port (/dev/ttyACM0) or a file with what came over one")
      ->required();
  command->add_option("--baud", options->monitor.baud, "Speed of the port")->capture_default_str();
  command->add_option("--runs", options->monitor.runs, "Stop after so many inferences");
  command->add_option("--seconds", options->monitor.seconds, "Stop after so long")->check(CLI::PositiveNumber);
  command->add_option("--profile", options->profile,
                      "What 'mote profile MODEL --json' printed: shows its estimates beside what was measured");
  command->add_option("--current", options->current, "A current probe's log (.csv): gives the energy of every layer");
  command->add_option("--volts", options->volts, "Supply voltage during the log")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--csv", options->monitor.log, "Write every layer of every inference to this file, as they come");
  command->add_option("--html", options->html, "Write a page with figures to this file");
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace mote::cli
