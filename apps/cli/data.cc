// mote data: recordings in, checked and counted.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/progress.h"
#include "host/base/file.h"
#include "host/base/process.h"
#include "host/data/check.h"
#include "host/data/import.h"
#include "host/data/plot.h"
#include "host/signal/settings.h"
#include "host/synth/synth.h"

namespace mote::cli {
namespace {

namespace fs = std::filesystem;
using data::Dataset;
using data::Example;
using nlohmann::json;

struct Common {
  std::string project = ".";
  bool json = false;
};

struct Selection {
  std::string label;
  std::string split;
  std::string example;  // the beginning of a hash, or part of a source
};

json problems_json(const std::vector<data::Problem>& list) {
  json out = json::array();
  for (const data::Problem& p : list) out.push_back({{"file", p.file}, {"what", p.what}});
  return out;
}

void print_problems(std::string_view title, const std::vector<data::Problem>& list) {
  if (list.empty()) return;
  fmt::print("{} {}:\n", list.size(), title);
  for (const data::Problem& p : list) fmt::print("  {}: {}\n", p.file, p.what);
}

Status import_command(const Common& common, const data::ImportOptions& options) {
  MOTE_LET(project, Project::open(common.project));
  Result<data::ImportReport> imported = [&] {
    ProgressBar bar("importing");
    return data::import_data(project, options, bar.progress());
  }();
  if (!imported.ok()) return std::move(imported).error();
  const data::ImportReport& r = imported.value();
  if (common.json) {
    fmt::print("{}\n", json{{"files", r.files},
                            {"added", r.added},
                            {"duplicates", r.duplicates},
                            {"seconds", r.seconds},
                            {"labels", r.labels},
                            {"mixed_to_mono", r.mixed},
                            {"resampled", r.resampled},
                            {"upsampled", r.narrow},
                            {"clipped", r.clipped},
                            {"unverified", r.unverified},
                            {"ignored", r.ignored},
                            {"broken", problems_json(r.broken)},
                            {"too_short", problems_json(r.too_short)},
                            {"conflicts", problems_json(r.conflicts)}}
                           .dump(2));
  } else {
    print_problems("broken, skipped", r.broken);
    print_problems("too short, skipped", r.too_short);
    print_problems("contradictions, skipped", r.conflicts);
    fmt::print("{} files, {} examples added ({:.1f} minutes), {} there already\n", r.files, r.added, r.seconds / 60,
               r.duplicates);
    for (const auto& [label, count] : r.labels) fmt::print("  {:<24} {:>7}\n", label, count);
    if (r.mixed > 0) fmt::print("{} had several channels and became mono\n", r.mixed);
    if (r.resampled > 0) fmt::print("{} were resampled, {} of them from a lower rate\n", r.resampled, r.narrow);
    if (r.clipped > 0) fmt::print("{} have samples beyond full scale, which were clipped\n", r.clipped);
    if (r.unverified > 0) fmt::print("{} signatures were not checked (--key)\n", r.unverified);
    if (r.ignored > 0) fmt::print("{} files of other kinds were ignored\n", r.ignored);
  }
  if (r.refused() == 0) return {};
  return Error{fmt::format("{} of {} files were not imported; the others are in", r.refused(), r.files),
               options.from.string(), "mend or remove those named above"};
}

Status stats_command(const Common& common) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  const data::Stats s = data::stats_of(dataset);
  if (common.json) {
    json classes = json::array();
    for (std::size_t i = 0; i < s.classes.size(); ++i) {
      const data::ClassCount& c = s.counts[i];
      classes.push_back({{"name", s.classes[i]},
                         {"train", c.count[0]},
                         {"validation", c.count[1]},
                         {"test", c.count[2]},
                         {"synthetic", c.synthetic},
                         {"groups", c.groups},
                         {"seconds", c.seconds},
                         {"median_s", c.median_s}});
    }
    fmt::print("{}\n",
               json{{"classes", classes}, {"shorter", s.shorter}, {"longer", s.longer}, {"hash", s.hash}}.dump(2));
    return {};
  }
  fmt::print("{:<20} {:>7} {:>10} {:>7} {:>9} {:>7} {:>9} {:>22}\n", "class", "train", "validation", "test",
             "synthetic", "groups", "minutes", "seconds min/mid/max");
  for (std::size_t i = 0; i < s.classes.size(); ++i) {
    const data::ClassCount& c = s.counts[i];
    fmt::print("{:<20} {:>7} {:>10} {:>7} {:>9} {:>7} {:>9.1f} {:>22}\n", s.classes[i], c.count[0], c.count[1],
               c.count[2], c.synthetic, c.groups, c.seconds / 60,
               fmt::format("{:.2f} {:.2f} {:.2f}", c.shortest_s, c.median_s, c.longest_s));
  }
  if (s.shorter > 0) fmt::print("{} are shorter than data.clip_ms and will be padded\n", s.shorter);
  if (s.longer > 0) fmt::print("{} are longer; the loudest part of each will be taken\n", s.longer);
  fmt::print("data set {}\n", s.hash);
  return {};
}

Status check_command(const Common& common) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  const data::CheckReport r = data::check(dataset);
  if (common.json) {
    fmt::print("{}\n",
               json{{"errors", r.errors}, {"warnings", r.warnings}, {"files", r.files}, {"groups", r.groups}}.dump(2));
  } else {
    for (const std::string& e : r.errors) fmt::print("error: {}\n", e);
    for (const std::string& w : r.warnings) fmt::print("warning: {}\n", w);
    if (r.errors.empty()) {
      fmt::print("{} files hold what their hashes say; none of {} groups is in two splits, and no recording or sound\n",
                 r.files, r.groups);
    }
  }
  if (r.errors.empty()) return {};
  return Error{fmt::format("{} errors in the data", r.errors.size()), project.data_folder().string(),
               "a stated split wins over the group's: import again without --split, or with groups that tell apart"};
}

bool selects(const Selection& s, const Dataset& dataset, const Example& e) {
  if (!s.label.empty() && e.record.label != s.label && dataset.classes()[e.label] != s.label) return false;
  if (!s.split.empty() && data::kSplitNames[static_cast<std::size_t>(e.split)] != s.split) return false;
  return s.example.empty() || e.record.hash.starts_with(s.example) ||
         e.record.source.find(s.example) != std::string::npos;
}

Result<std::vector<std::size_t>> select(const Dataset& dataset, const Selection& s) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < dataset.examples().size(); ++i) {
    if (selects(s, dataset, dataset.examples()[i])) out.push_back(i);
  }
  if (out.empty()) return Error{"no example is like that", "", "`mote data list` shows them all"};
  return out;
}

Status list_command(const Common& common, const Selection& selection) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  MOTE_LET(chosen, select(dataset, selection));
  json list = json::array();
  for (const std::size_t i : chosen) {
    const Example& e = dataset.examples()[i];
    const std::string_view split = data::kSplitNames[static_cast<std::size_t>(e.split)];
    if (common.json) {
      list.push_back({{"hash", e.record.hash},
                      {"label", e.record.label},
                      {"split", split},
                      {"group", e.record.group},
                      {"origin", e.record.origin},
                      {"source", e.record.source},
                      {"seconds", e.record.shape.seconds()}});
    } else {
      fmt::print("{} {:<16} {:<10} {:>7.2f} s  {}\n", e.record.hash.substr(0, 12), e.record.label, split,
                 e.record.shape.seconds(), e.record.source);
    }
  }
  if (common.json) fmt::print("{}\n", list.dump(2));
  return {};
}

// A name for a file that any system takes.
std::string file_name(const std::string& label) {
  std::string out;
  for (const char c : label) out += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ? c : '_';
  return out;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

Status export_command(const Common& common, const Selection& selection, const std::string& folder) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  MOTE_LET(chosen, select(dataset, selection));
  MOTE_LET(staged, StagedFolder::create(folder, "manifest.csv"));
  std::string manifest = "path,label,split,group\n";
  ProgressBar bar("exporting");
  for (std::size_t n = 0; n < chosen.size(); ++n) {
    if (interrupted()) return Error{"interrupted", "", ""};
    const Example& e = dataset.examples()[chosen[n]];
    const std::string_view split = data::kSplitNames[static_cast<std::size_t>(e.split)];
    const fs::path path = fs::path(split) / file_name(e.record.label) /
                          (e.record.hash.substr(0, 16) + data::extension_of(e.record.shape.kind));
    MOTE_LET(content, dataset.load(e));
    MOTE_TRY(write_file(staged.path() / path, data::encode_content(content)));
    manifest +=
        fmt::format("{},{},{},{}\n", path.generic_string(), quoted(e.record.label), split, quoted(e.record.group));
    bar.update(n + 1, chosen.size());
  }
  MOTE_TRY(write_file(staged.path() / "manifest.csv", manifest));
  MOTE_TRY(staged.commit());
  fmt::print("{} examples and manifest.csv in {}\n", chosen.size(), folder);
  return {};
}

Status plot_command(const Common& common, const Selection& selection, std::string out) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  MOTE_LET(chosen, select(dataset, selection));
  const Example& e = dataset.examples()[chosen[0]];
  MOTE_LET(content, dataset.load(e));
  if (content.kind == data::Kind::image) return Error{"is an image already", e.record.source, "`mote data export`"};
  signal::Features features;
  if (content.kind == data::Kind::sound) {
    MOTE_LET(front_end, signal::front_end_of(project));
    features = signal::extract(front_end, content.sound);
  }
  if (out.empty()) out = fmt::format("{}.svg", e.record.hash.substr(0, 12));
  MOTE_TRY(write_file(out, data::plot_svg(content, features, fmt::format("{}  {}", e.record.label, e.record.source))));
  fmt::print("{} ({}) in {}\n", e.record.source, e.record.label, out);
  return {};
}

Status listen_command(const Common& common, const Selection& selection) {
  MOTE_LET(project, Project::open(common.project));
  MOTE_LET(dataset, Dataset::open(project));
  MOTE_LET(chosen, select(dataset, selection));
  const Example& e = dataset.examples()[chosen[0]];
  if (e.record.shape.kind != data::Kind::sound) return Error{"is no sound", e.record.source, ""};
  const std::string file = dataset.store().file_of(e.record).string();
  fmt::print("{} ({}): {}\n", e.record.source, e.record.label, file);
  const std::vector<std::vector<std::string>> players = {
      {"aplay", "-q", file}, {"paplay", file}, {"ffplay", "-autoexit", "-nodisp", "-loglevel", "error", file}};
  for (const auto& argv : players) {
    if (!find_program(argv[0], "").ok()) continue;
    ProcessOptions options;
    options.argv = argv;
    MOTE_LET(done, run_process(options));
    if (done.succeeded()) return {};
  }
  fmt::print("nothing here can play it (aplay, paplay, ffplay); open the file above elsewhere\n");
  return {};
}

Status synth_command(const Common& common, const synth::SynthOptions& options) {
  MOTE_LET(project, Project::open(common.project));
  Result<synth::SynthReport> made = [&] {
    ProgressBar bar("speaking");
    return synth::synthesise(project, options, bar.progress());
  }();
  if (!made.ok()) return std::move(made).error();
  const synth::SynthReport& r = made.value();
  if (common.json) {
    fmt::print("{}\n", json{{"made", r.made},
                            {"kept", r.kept},
                            {"duplicates", r.duplicates},
                            {"labels", r.labels},
                            {"origins", r.engines},
                            {"near_misses", r.near_misses},
                            {"failed", problems_json(r.failed)}}
                           .dump(2));
  } else {
    print_problems("failed", r.failed);
    fmt::print("{} clips made, {} were there, {} came out like another\n", r.made, r.kept, r.duplicates);
    for (const auto& [label, count] : r.labels) fmt::print("  {:<24} {:>7}\n", label, count);
    for (const auto& [origin, count] : r.engines) fmt::print("  {:<24} {:>7}\n", origin, count);
    std::string nearest;
    for (std::size_t i = 0; i < std::min<std::size_t>(8, r.near_misses.size()); ++i) {
      nearest += (i == 0 ? "" : ", ") + r.near_misses[i];
    }
    if (!nearest.empty()) fmt::print("nearest to the phrase among the others: {}\n", nearest);
  }
  if (r.failed.empty()) return {};
  return Error{fmt::format("{} clips were not made; the others are in", r.failed.size()), "", "see above"};
}

void add_selection(CLI::App& command, Selection& s, bool by_name) {
  if (by_name) command.add_option("example", s.example, "The beginning of its hash, or part of its source");
  command.add_option("--label", s.label, "Only this label or class");
  command.add_option("--split", s.split, "Only this split")->check(CLI::IsMember({"train", "validation", "test"}));
}

}  // namespace

void add_data(CLI::App& app, Action& chosen) {
  CLI::App* data = app.add_subcommand("data", "Import, make, check and look at what is learned from.");
  data->require_subcommand(1);
  auto common = std::make_shared<Common>();
  auto selection = std::make_shared<Selection>();
  const auto add = [&](const char* name, const char* text) {
    CLI::App* command = data->add_subcommand(name, text);
    command->add_option("--project", common->project, "Folder with the mote.toml")->capture_default_str();
    return command;
  };
  const auto on = [&](CLI::App* command, std::function<Status()> action) {
    command->callback([action = std::move(action), &chosen] { chosen = action; });
  };

  auto import = std::make_shared<data::ImportOptions>();
  auto split = std::make_shared<std::string>();
  CLI::App* command = add("import",
                          "Import a folder (labels are its folders' names), a manifest (CSV or TSV with path, label, "
                          "split, group, start, end), a list of paths, or Edge Impulse's JSON and CBOR. What fails is "
                          "named and skipped, and the exit code is 1.");
  command->add_option("from", import->from, "Folder or file")->required();
  command->add_option("--label", import->label, "Label of all (_noise_ and _unknown_ have a meaning)");
  command->add_option("--label-pattern", import->label_pattern,
                      "Regular expression over the path; its group is the label");
  command->add_option("--group-pattern", import->group_pattern,
                      "The same for the speaker or session, which never crosses splits");
  command->add_option("--split", *split, "Split of all; else the hash of its group decides")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command->add_option("--origin", import->origin, "Where it comes from")->capture_default_str();
  command->add_option("--key", import->key, "HMAC key: Edge Impulse signatures are verified");
  command->add_option("--rate", import->series_rate_hz, "Rate in Hz of series that do not state it");
  command->add_option("--window-ms", import->window_ms, "Cut into windows");
  command->add_option("--stride-ms", import->stride_ms, "From one window to the next (default: its length)");
  command->add_flag("--json", common->json, "Print JSON instead");
  on(command, [=] {
    for (std::size_t s = 0; s < 3; ++s) {
      if (*split == data::kSplitNames[s]) import->split = static_cast<data::Split>(s);
    }
    return import_command(*common, *import);
  });

  auto synth = std::make_shared<synth::SynthOptions>();
  auto synth_split = std::make_shared<std::string>();
  command = add("synth",
                "Make a phrase in many voices, phrases that sound like it, other words and noises. Running it again "
                "goes on where it stopped.");
  command->add_option("--phrase", synth->phrase, "The phrase; its label has _ for spaces")->required();
  command->add_option("--say", synth->says, "What voices are given to read instead; may be repeated");
  command->add_option("--count", synth->count, "Clips of the phrase")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command->add_option("--others", synth->others, "Clips of near misses and other words")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command->add_option("--noise", synth->noise, "Clips of noise, 5 s each")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command->add_option("--seed", synth->seed, "Another seed, other clips")->capture_default_str();
  command->add_option("--split", *synth_split, "Split of all; else validation and test have voices of their own")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command->add_flag("--json", common->json, "Print JSON instead");
  on(command, [=] {
    for (std::size_t s = 0; s < 3; ++s) {
      if (*synth_split == data::kSplitNames[s]) synth->split = static_cast<data::Split>(s);
    }
    return synth_command(*common, *synth);
  });

  command = add("stats", "Count examples, groups and minutes by class and split.");
  command->add_flag("--json", common->json, "Print JSON instead");
  on(command, [=] { return stats_command(*common); });

  command = add("check", "Prove that no group, recording or sound is in two splits and that all files are whole.");
  command->add_flag("--json", common->json, "Print JSON instead");
  on(command, [=] { return check_command(*common); });

  command = add("list", "List examples.");
  add_selection(*command, *selection, true);
  command->add_flag("--json", common->json, "Print JSON instead");
  on(command, [=] { return list_command(*common, *selection); });

  auto out = std::make_shared<std::string>();
  command = add("export", "Write examples and a manifest.csv that imports again.");
  command->add_option("folder", *out, "Where to")->required();
  add_selection(*command, *selection, false);
  on(command, [=] { return export_command(*common, *selection, *out); });

  auto picture = std::make_shared<std::string>();
  command = add("plot", "Draw an example's waveform and features as SVG.");
  add_selection(*command, *selection, true);
  command->add_option("--out", *picture, "The file");
  on(command, [=] { return plot_command(*common, *selection, *picture); });

  command = add("listen", "Play an example.");
  add_selection(*command, *selection, true);
  on(command, [=] { return listen_command(*common, *selection); });
}

}  // namespace mote::cli
