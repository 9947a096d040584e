// mote gate: fails when a model of a project got larger or slower than its committed figures.
#include <fmt/format.h>

#include <chrono>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/driver/gate.h"

namespace mote::cli {
namespace {

struct Options {
  std::string baseline;
  bool update = false;
  double tolerance = -1;
  std::string junit;
  std::string overlay;
};

Status gate(const Options& options) {
  const std::filesystem::path file = options.baseline;
  MOTE_LET(baseline, read_gate(file));
  const double tolerance = options.tolerance >= 0 ? options.tolerance : baseline.tolerance_percent;
  std::vector<GateResult> results;
  std::size_t failed = 0;
  for (GateEntry& entry : baseline.entries) {
    if (entry.figures.empty() && !options.update) {
      return Error{fmt::format("'{}' has no figures yet", entry.name()), file.string(), "run with --update first"};
    }
    const auto begin = std::chrono::steady_clock::now();
    MOTE_LET(now, measure_gate(entry, file.parent_path(), options.overlay));
    results.push_back(compare_gate(entry, now, tolerance));
    results.back().seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!results.back().failures.empty()) ++failed;
    entry = std::move(now);
  }
  fmt::print("{}", gate_text(results));
  if (!options.junit.empty()) MOTE_TRY(write_file(options.junit, gate_junit(results)));
  if (options.update) return write_gate(file, baseline);
  if (failed == 0) return {};
  return Error{fmt::format("{} of {} models got worse by more than {}%", failed, results.size(), tolerance),
               file.string(), "mend it, or accept the new figures with --update"};
}

}  // namespace

void add_gate(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "gate", "Measure a project's models and fail when one got larger or slower than its committed figures.");
  command->add_option("baseline", options->baseline, "The committed figures (.json)")->required();
  command->add_flag("--update", options->update, "Write the figures measured now into the file");
  command->add_option("--tolerance", options->tolerance, "Percent that a figure may grow (default: the file's)");
  command->add_option("--junit", options->junit, "Write a JUnit report to this file");
  command->add_option("--overlay", options->overlay,
                      "Folder whose files replace generated ones of the same path, to try out a kernel");
  command->callback([options, &chosen] { chosen = [options] { return gate(*options); }; });
}

}  // namespace mote::cli
