// mote test: how good a project's model is.
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/progress.h"
#include "host/base/file.h"
#include "host/driver/evaluate.h"
#include "host/report/table.h"

namespace mote::cli {
namespace {

struct Options {
  std::string project = ".";
  std::vector<std::string> settings;
  std::string split = "test";
  bool json = false;
  EvaluateOptions evaluate;
};

std::string clock(double seconds) {
  const auto minutes = static_cast<int>(seconds / 60);
  return fmt::format("{}:{:05.2f}", minutes, seconds - 60 * minutes);
}

std::string count(double n) { return grouped(std::llround(n)); }

void print(const ClipFigures& f, std::string_view split) {
  fmt::print("{} clips of the {} split: {:.1f} % right in int8", f.clips, split, 100 * f.accuracy);
  if (f.float_accuracy) fmt::print(", {:.1f} % in float", 100 * *f.float_accuracy);
  fmt::print("\n\n  {:<14}", "is, called");
  for (const std::string& name : f.classes) fmt::print(" {:>10.10}", name);
  fmt::print(" {:>10} {:>8} {:>8}\n", "precision", "recall", "F1");
  const auto share = [](double x, bool known) { return known ? fmt::format("{:.1f} %", 100 * x) : std::string("-"); };
  for (std::size_t c = 0; c < f.classes.size(); ++c) {
    fmt::print("  {:<14.14}", f.classes[c]);
    for (const std::size_t n : f.confusion[c]) fmt::print(" {:>10}", n);
    const ClassFigures& k = f.by_class[c];
    fmt::print(" {:>10} {:>8} {:>8}\n", share(k.precision, k.called > 0), share(k.recall, k.examples > 0),
               share(k.f1, k.called > 0 && k.examples > 0));
  }
}

void print(const StreamFigures& s, double allowed) {
  fmt::print("\nstream of {} with '{}' {} times in noise: {} heard, {} missed ({:.1f} %)\n", clock(s.seconds),
             s.keyword, s.keywords.size(), s.heard, s.keywords.size() - s.heard, 100 * s.false_reject_rate());
  fmt::print("  {} false accepts among {} other recordings, {:.1f} an hour of such a stream\n", s.false_accepts.size(),
             s.others, s.false_accepts_per_hour());
  fmt::print("  threshold {:.1f} %, chosen on {} for at most {:g} false accepts an hour\n",
             100.0 * s.detector.threshold / (255.0 * s.detector.smoothing), s.threshold_from, allowed);
}

void print(const BoardFigures& b, const std::string& keyword) {
  fmt::print("\non {}: {} clips {:.1f} % right; {} of {} decisions and {} detections differ from the host's\n", b.board,
             b.clips, 100 * b.accuracy, b.differing_decisions, b.decisions, b.differing_detections);
  if (!b.keywords.empty() || !b.false_accepts.empty()) {
    fmt::print("  the first {} of the stream, as the firmware heard it:\n", clock(b.stream_seconds));
  }
  std::size_t f = 0;
  const auto alarms = [&](double until) {
    for (; f < b.false_accepts.size() && b.false_accepts[f] < until; ++f) {
      fmt::print("    {:>8}  '{}', which nobody said\n", clock(b.false_accepts[f]), keyword);
    }
  };
  for (const Utterance& u : b.keywords) {
    alarms(u.begin_s);
    fmt::print("    {:>8}  {}, said from {} to {}\n", u.heard_s ? clock(*u.heard_s) : "-",
               u.heard_s ? fmt::format("'{}'", keyword) : fmt::format("missed '{}'", keyword), clock(u.begin_s),
               clock(u.end_s));
  }
  alarms(INFINITY);
  const ListenerCost& c = b.cost;
  fmt::print("\n  flash         {} bytes: {} of weights, the rest front end, kernels, detector and start-up\n",
             grouped(static_cast<std::int64_t>(c.sizes.flash)), grouped(static_cast<std::int64_t>(c.sizes.weights)));
  fmt::print("  RAM           {} bytes, and {} of stack\n",
             grouped(static_cast<std::int64_t>(c.sizes.ram - c.sizes.stack)),
             grouped(static_cast<std::int64_t>(c.stack_bytes)));
  fmt::print("  instructions  {} a decision, {} of them for features\n", count(c.instructions),
             count(c.feature_instructions));
  if (c.cycles > 0) {
    fmt::print("  cycles        {} a decision, give or take {:.0f} % (rests on {})\n", count(c.cycles), c.band_percent,
               c.rests_on);
  }
  if (b.hardware) {
    fmt::print("  on {}: {:.1f} ms and {:.0f} uJ a decision at {:.0f} MHz, give or take {:.0f} % (rests on {})\n",
               b.hardware->name, 1000 * b.hardware->seconds, b.hardware->microjoules, b.hardware->clock_hz / 1e6,
               b.hardware->band_percent, b.hardware->rests_on);
  }
}

Status run(Options options) {
  MOTE_LET(project, Project::open(options.project));
  for (const std::string& assignment : options.settings) MOTE_TRY(project.set(assignment));
  for (std::size_t s = 0; s < std::size(data::kSplitNames); ++s) {
    if (options.split == data::kSplitNames[s]) options.evaluate.split = static_cast<data::Split>(s);
  }
  std::optional<ProgressBar> bar;
  std::string stage;
  options.evaluate.progress = [&](const std::string& now, std::size_t done, std::size_t all) {
    if (now != stage) bar.emplace(stage = now);
    bar->update(done, all);
  };
  MOTE_LET(evaluation, evaluate(project, options.evaluate));
  bar.reset();
  if (options.json) {
    MOTE_LET(text, read_text_file(evaluation_file(project)));
    fmt::print("{}", text);
  } else {
    print(evaluation.clips, options.split);
    if (evaluation.stream) print(*evaluation.stream, project.real("detector.false_accepts_per_hour"));
    if (evaluation.board) print(*evaluation.board, evaluation.stream ? evaluation.stream->keyword : "");
    fmt::print("\nwrote {}\n", evaluation_file(project).string());
  }
  if (evaluation.board && evaluation.board->differing_decisions + evaluation.board->differing_detections > 0) {
    return Error{"board and host decide differently", evaluation.board->board,
                 "this is a defect of mote; please report it"};
  }
  return {};
}

}  // namespace

void add_test(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "test", "Evaluate a project's model on clips and on a stream, on the host and on an emulated board.");
  command->add_option("--project", options->project, "Folder with the mote.toml")->capture_default_str();
  command->add_option("--set", options->settings, "A setting for this run, as section.key=value");
  command->add_option("--split", options->split, "Which examples")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  command->add_option("--snr", options->evaluate.snr_db, "Decibels of the recordings over the stream's noise")
      ->check(CLI::Range(-40.0, 100.0))
      ->capture_default_str();
  command->add_option("--board", options->evaluate.board, "Also run front end, model and detector as firmware there");
  command->add_option("--board-clips", options->evaluate.board_clips, "At most so many clips on the board")
      ->capture_default_str();
  command->add_option("--board-seconds", options->evaluate.board_stream_seconds, "So much of the stream on the board")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print build/evaluation.json, which is written in any case");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace mote::cli
