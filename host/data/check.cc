// Counts and checks.
#include "host/data/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/base/hash.h"
#include "host/base/parallel.h"

namespace mote::data {
namespace {

// A sound without the silence around it: what two files share where one was padded.
std::string trimmed_hash(const std::vector<std::int16_t>& sound) {
  const auto loud = [](std::int16_t v) { return v != 0; };
  const auto first = std::find_if(sound.begin(), sound.end(), loud);
  const auto last = std::find_if(sound.rbegin(), sound.rend(), loud).base();
  if (first >= last) return "";
  return sha256_hex(
      {reinterpret_cast<const char*>(&*first), static_cast<std::size_t>(last - first) * sizeof(std::int16_t)});
}

std::string splits_text(const std::set<Split>& splits) {
  std::string out;
  for (const Split s : splits)
    out += (out.empty() ? "" : " and ") + std::string(kSplitNames[static_cast<std::size_t>(s)]);
  return out;
}

// Adds an error for everything that is in two splits; not more than a screen of them.
void report_crossing(const std::map<std::string, std::set<Split>>& seen, std::string_view what,
                     std::vector<std::string>& errors) {
  constexpr std::size_t kMost = 10;
  std::size_t count = 0;
  for (const auto& [name, splits] : seen) {
    if (splits.size() < 2 || ++count > kMost) continue;
    errors.push_back(fmt::format("{} '{}' is in {}", what, name, splits_text(splits)));
  }
  if (count > kMost) errors.push_back(fmt::format("and {} more of kind {}", count - kMost, what));
}

struct Checked {
  std::string problem;
  std::string trimmed;
};

}  // namespace

Stats stats_of(const Dataset& dataset) {
  Stats out;
  out.classes = dataset.classes();
  out.counts.resize(out.classes.size());
  std::vector<std::set<std::string>> groups(out.classes.size());
  std::vector<std::vector<double>> seconds(out.classes.size());
  for (const Example& e : dataset.examples()) {
    ClassCount& c = out.counts[e.label];
    ++c.count[static_cast<std::size_t>(e.split)];
    if (e.record.origin.starts_with("synthetic")) ++c.synthetic;
    groups[e.label].insert(e.record.group);
    seconds[e.label].push_back(e.record.shape.seconds());
    if (e.record.shape.kind != Kind::sound || e.record.label == kNoiseLabel) continue;
    if (e.record.shape.steps < dataset.clip_elems()) ++out.shorter;
    if (e.record.shape.steps > dataset.clip_elems()) ++out.longer;
  }
  for (std::size_t i = 0; i < out.counts.size(); ++i) {
    ClassCount& c = out.counts[i];
    c.groups = groups[i].size();
    std::ranges::sort(seconds[i]);
    if (seconds[i].empty()) continue;
    c.shortest_s = seconds[i].front();
    c.median_s = seconds[i][seconds[i].size() / 2];
    c.longest_s = seconds[i].back();
    for (const double s : seconds[i]) c.seconds += s;
  }
  out.hash = dataset.hash();
  return out;
}

CheckReport check(const Dataset& dataset) {
  CheckReport out;
  const std::vector<Example>& examples = dataset.examples();
  std::map<std::string, std::set<Split>> groups;
  std::map<std::string, std::set<Split>> recordings;
  std::map<std::string, std::set<Split>> sounds;
  std::map<std::string, std::string> first_of;
  const Status status = parallel_ordered<Checked>(
      examples.size(),
      [&](std::size_t i) {
        Checked c;
        auto content = dataset.load(examples[i]);
        if (!content.ok()) {
          c.problem = content.error().what;
        } else if (content_hash(content.value()) != examples[i].record.hash) {
          c.problem = "its file was changed after it was imported";
        } else if (content.value().kind == Kind::sound) {
          c.trimmed = trimmed_hash(content.value().sound);
          if (c.trimmed.empty()) c.problem = "it is silent from end to end";
        }
        return c;
      },
      [&](std::size_t i, Checked c) -> Status {
        const Example& e = examples[i];
        ++out.files;
        const bool silent = c.problem.starts_with("it is silent");
        if (!c.problem.empty() && !(silent && e.record.label == kNoiseLabel)) {
          (silent ? out.warnings : out.errors).push_back(fmt::format("{}: {}", e.record.source, c.problem));
        }
        groups[e.record.group].insert(e.split);
        recordings[e.record.source.substr(0, e.record.source.rfind('@'))].insert(e.split);
        if (!c.trimmed.empty()) {
          const std::string& name = first_of.emplace(c.trimmed, e.record.source).first->second;
          sounds[name].insert(e.split);
          if (name != e.record.source && out.warnings.size() < 50) {
            out.warnings.push_back(
                fmt::format("{} and {} are the same sound but for silence around it", name, e.record.source));
          }
        }
        return {};
      });
  if (!status.ok()) out.errors.push_back(status.error().what);
  out.groups = groups.size();
  report_crossing(groups, "group", out.errors);
  report_crossing(recordings, "recording", out.errors);
  report_crossing(sounds, "sound", out.errors);

  const Stats stats = stats_of(dataset);
  if (stats.classes.size() < 2) {
    out.errors.push_back(fmt::format("there is one class only ('{}'): nothing to tell apart; import others, or noise",
                                     stats.classes.empty() ? "" : stats.classes[0]));
  }
  for (std::size_t i = 0; i < stats.classes.size(); ++i) {
    for (std::size_t s = 0; s < 3; ++s) {
      if (stats.counts[i].count[s] > 0) continue;
      auto& list = s == 0 ? out.errors : out.warnings;
      list.push_back(fmt::format("class '{}' has no examples in {} ({} groups in all)", stats.classes[i],
                                 kSplitNames[s], stats.counts[i].groups));
    }
  }
  return out;
}

}  // namespace mote::data
