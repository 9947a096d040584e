// A project's examples: classes, splits that keep every group together, and their samples when they are asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/data/store.h"
#include "host/project/project.h"

namespace mote::data {

// Labels with a meaning: what is none of the classes, and recordings without any.
inline constexpr const char* kUnknownLabel = "_unknown_";
inline constexpr const char* kNoiseLabel = "_noise_";

struct Example {
  Record record;
  std::size_t label = 0;  // into Dataset::classes()
  Split split = Split::train;
};

// The rule of Speech Commands: SHA-1 of the group's name decides, so that groups stay together and stay where they are
// when others are added. Source: arXiv:1804.03209, which_set().
[[nodiscard]] Split split_of(std::string_view group, int validation_percent, int test_percent);

class Dataset {
 public:
  // Errors: no data yet; an index that cannot be read; a class of mote.toml that no example has, with the nearest
  // label.
  static Result<Dataset> open(const Project& project);

  // The model's outputs: data.classes, or all labels in order; then _unknown_ and _noise_ where there are any.
  [[nodiscard]] const std::vector<std::string>& classes() const { return classes_; }
  [[nodiscard]] std::optional<std::size_t> class_named(std::string_view name) const;
  [[nodiscard]] const std::vector<Example>& examples() const { return examples_; }  // by hash of content
  [[nodiscard]] std::vector<std::size_t> indices(Split split) const;

  // The samples of an example, whole. Safe to call from several threads. Errors: its file was changed or removed.
  [[nodiscard]] Result<Content> load(const Example& example) const;
  // A sound as long as the model's clip: padded, or its loudest stretch.
  [[nodiscard]] Result<std::vector<std::int16_t>> clip(const Example& example) const;
  [[nodiscard]] std::size_t clip_elems() const { return clip_elems_; }

  // Of the sorted contents, labels and splits: what a model states as the data it was made from.
  [[nodiscard]] std::string hash() const;

  [[nodiscard]] const Store& store() const { return *store_; }

 private:
  Dataset() = default;
  std::unique_ptr<Store> store_;
  std::vector<std::string> classes_;
  std::vector<Example> examples_;
  std::size_t clip_elems_ = 0;
};

}  // namespace mote::data
