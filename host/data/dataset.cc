// From the index to classes and splits.
#include "host/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "host/base/hash.h"
#include "host/base/suggest.h"

namespace mote::data {
namespace {

Result<std::vector<std::string>> classes_of(const Project& project, const std::vector<Record>& records) {
  std::set<std::string> labels;
  for (const Record& r : records) labels.insert(r.label);
  const bool has_noise = labels.erase(kNoiseLabel) > 0;
  bool has_unknown = labels.erase(kUnknownLabel) > 0;
  std::vector<std::string> classes = project.texts("data.classes");
  for (const std::string& name : classes) {
    if (name == kUnknownLabel || name == kNoiseLabel) {
      return Error{fmt::format("data.classes names {}, which is always the last", name), std::string(kProjectFile),
                   "leave it out"};
    }
    if (std::ranges::count(classes, name) > 1) {
      return Error{fmt::format("data.classes names '{}' twice", name), std::string(kProjectFile), "leave one out"};
    }
    if (!labels.contains(name)) {
      const std::string near = nearest(name, std::vector<std::string>(labels.begin(), labels.end()));
      return Error{fmt::format("data.classes names '{}', which no example has", name), std::string(kProjectFile),
                   near.empty() ? "`mote data stats` lists the labels" : fmt::format("did you mean '{}'?", near)};
    }
  }
  if (classes.empty()) {
    classes.assign(labels.begin(), labels.end());
  } else if (labels.size() > classes.size()) {
    has_unknown = true;
  }
  if (has_unknown) classes.emplace_back(kUnknownLabel);
  if (has_noise) classes.emplace_back(kNoiseLabel);
  return classes;
}

}  // namespace

Split split_of(std::string_view group, int validation_percent, int test_percent) {
  const auto digest = sha1(group);
  // The last 27 bits of the digest as a percentage.
  std::uint32_t low = 0;
  for (std::size_t i = 16; i < 20; ++i) low = low << 8 | digest[i];
  constexpr std::uint32_t kMost = (1U << 27U) - 1;
  const double percent = (low & kMost) * (100.0 / kMost);
  if (percent < validation_percent) return Split::validation;
  if (percent < validation_percent + test_percent) return Split::test;
  return Split::train;
}

Result<Dataset> Dataset::open(const Project& project) {
  const auto validation = static_cast<int>(project.integer("data.validation_percent"));
  const auto test = static_cast<int>(project.integer("data.test_percent"));
  if (validation + test >= 100) {
    return Error{
        fmt::format("data.validation_percent and data.test_percent leave {} % to learn from", 100 - validation - test),
        std::string(kProjectFile), "lower them"};
  }
  MOTE_LET(store, Store::open(project.data_folder(), false));
  MOTE_LET(records, store.records());
  Dataset out;
  MOTE_LET(classes, classes_of(project, records));
  out.classes_ = std::move(classes);
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < out.classes_.size(); ++i) index[out.classes_[i]] = i;
  for (Record& r : records) {
    const auto named = index.find(r.label);
    const std::size_t label = named != index.end() ? named->second : index.at(kUnknownLabel);
    const Split split = r.split.value_or(split_of(r.group, validation, test));
    out.examples_.push_back({std::move(r), label, split});
  }
  out.clip_elems_ =
      static_cast<std::size_t>(project.integer("data.clip_ms") * project.integer("data.sample_rate_hz") / 1000);
  out.store_ = std::make_unique<Store>(std::move(store));
  return out;
}

std::optional<std::size_t> Dataset::class_named(std::string_view name) const {
  const auto found = std::ranges::find(classes_, name);
  if (found == classes_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - classes_.begin());
}

std::vector<std::size_t> Dataset::indices(Split split) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    if (examples_[i].split == split) out.push_back(i);
  }
  return out;
}

Result<Content> Dataset::load(const Example& example) const { return store_->load(example.record); }

Result<std::vector<std::int16_t>> Dataset::clip(const Example& example) const {
  MOTE_LET(content, load(example));
  if (content.kind != Kind::sound) return Error{"is no sound", example.record.source, ""};
  return fit_clip(content.sound, clip_elems_);
}

std::string Dataset::hash() const {
  std::string text;
  for (const Example& e : examples_) {
    text += fmt::format("{} {}:{} {}\n", e.record.hash, e.record.label.size(), e.record.label,
                        kSplitNames[static_cast<std::size_t>(e.split)]);
  }
  return sha256_hex(text);
}

}  // namespace mote::data
