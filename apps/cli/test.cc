// mote test: how good a project's model is.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/progress.h"
#include "host/driver/evaluate.h"

namespace mote::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string project = ".";
  std::vector<std::string> settings;
  std::string split = "test";
  bool json = false;
  EvaluateOptions evaluate;
};

json json_of(const Evaluation& e) {
  json out = {{"accuracy", e.clips.accuracy},
              {"clips", e.clips.clips},
              {"classes", e.clips.classes},
              {"confusion", e.clips.confusion}};
  for (const ClassFigures& k : e.clips.by_class) {
    out["by_class"].push_back(
        {{"examples", k.examples}, {"precision", k.precision}, {"recall", k.recall}, {"f1", k.f1}});
  }
  const StreamFigures& s = e.stream;
  out["stream"] = {{"keyword", s.keyword},
                   {"seconds", s.seconds},
                   {"keywords", s.keywords},
                   {"heard", s.heard},
                   {"false_accepts", s.false_accepts},
                   {"seconds_without", s.seconds_without},
                   {"threshold", s.threshold},
                   {"smoothing", s.smoothing},
                   {"detections", s.detections}};
  for (const DetectionPoint& p : s.points) {
    out["stream"]["points"].push_back({p.threshold, p.false_accepts_per_hour, p.false_rejects});
  }
  for (const BoardFigures& b : e.boards) {
    out["boards"].push_back({{"board", b.board},
                             {"decisions", b.decisions},
                             {"differing_decisions", b.differing_decisions},
                             {"detections", b.detections},
                             {"differing_detections", b.differing_detections},
                             {"instructions", b.instructions},
                             {"emulation_seconds", b.seconds}});
  }
  return out;
}

void print(const Evaluation& e) {
  fmt::print("{} clips, accuracy {:.2f} %\n\n{:<14}", e.clips.clips, 100 * e.clips.accuracy, "is \\ called");
  for (const std::string& name : e.clips.classes) fmt::print(" {:>10.10}", name);
  fmt::print(" {:>9} {:>9} {:>9}\n", "precision", "recall", "F1");
  for (std::size_t c = 0; c < e.clips.classes.size(); ++c) {
    fmt::print("{:<14.14}", e.clips.classes[c]);
    for (const std::size_t n : e.clips.confusion[c]) fmt::print(" {:>10}", n);
    const ClassFigures& k = e.clips.by_class[c];
    fmt::print(" {:>7.1f} % {:>7.1f} % {:>7.1f} %\n", 100 * k.precision, 100 * k.recall, 100 * k.f1);
  }
  const StreamFigures& s = e.stream;
  const double hours = s.seconds_without / 3600;
  fmt::print(
      "\nstream of {:.0f} s with '{}' {} times, threshold {:.1f} %: heard {}, missed {}, false {} ({:.2f} an hour)\n",
      s.seconds, s.keyword, s.keywords, 100.0 * s.threshold / (255.0 * s.smoothing), s.heard, s.keywords - s.heard,
      s.false_accepts, static_cast<double>(s.false_accepts) / hours);
  for (const BoardFigures& b : e.boards) {
    fmt::print(
        "on {}: {} of {} decisions and {} of {} detections differ from the host; at most {} instructions between "
        "two decisions, features and inference; emulated in {:.1f} s\n",
        b.board, b.differing_decisions, b.decisions, b.differing_detections, b.detections, b.instructions, b.seconds);
  }
}

Status run(Options options) {
  MOTE_LET(project, Project::open(options.project));
  for (const std::string& assignment : options.settings) MOTE_TRY(project.set(assignment));
  options.evaluate.split = options.split == "train"        ? data::Split::train
                           : options.split == "validation" ? data::Split::validation
                                                           : data::Split::test;
  ProgressBar bar("clips");
  options.evaluate.progress = [&](std::size_t done, std::size_t all) { bar.update(done, all); };
  MOTE_LET(evaluation, evaluate(project, options.evaluate));
  if (options.json) {
    fmt::print("{}\n", json_of(evaluation).dump(1));
  } else {
    print(evaluation);
  }
  for (const BoardFigures& b : evaluation.boards) {
    if (b.differing_decisions + b.differing_detections > 0) {
      return Error{"board and host decide differently", b.board, "this is a defect of mote; please report it"};
    }
  }
  return {};
}

}  // namespace

void add_test(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "test", "Evaluate a project's model on clips and on a stream, on the host and on an emulated board.");
  command->add_option("--project", options->project, "The project's folder")->capture_default_str();
  command->add_option("--set", options->settings, "A setting for this run, as section.key=value");
  command->add_option("--split", options->split, "Which examples")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  command->add_option("--board", options->evaluate.board, "Also run front end, model and detector as firmware there");
  command->add_option("--board-clips", options->evaluate.board_clips, "At most so many clips on the board")
      ->capture_default_str();
  command->add_option("--board-seconds", options->evaluate.board_stream_seconds, "So much of the stream on the board")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace mote::cli
