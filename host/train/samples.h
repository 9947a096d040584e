// Examples as a network sees them: windows of int8 features, computed once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/data/dataset.h"
#include "host/signal/extract.h"
#include "host/signal/front_end.h"

namespace mote::train {

// Windows of one split; each is rows * channels long.
struct Samples {
  std::vector<std::int8_t> features;
  std::vector<std::int32_t> labels;
  std::vector<std::size_t> examples;  // index into Dataset::examples() of each
  [[nodiscard]] std::size_t size() const { return labels.size(); }
};

// From features to int8 and what it is made of, so that it can be stated.
struct InputScaling {
  std::vector<double> mean;       // of each channel
  std::vector<double> deviation;  // of each channel
  signal::Normalisation normalisation;
};

// Errors: a channel that never changes is given a deviation of 1; none beside those of make_normalisation.
Result<InputScaling> make_scaling(std::vector<double> mean, std::vector<double> deviation);

struct Prepared {
  std::size_t rows = 0;
  std::size_t channels = 0;
  InputScaling scaling;
  std::vector<Samples> variants;  // of the training split: each example augmented differently
  Samples validation;
  Samples test;
};

using Progress = std::function<void(std::size_t done, std::size_t all)>;

// Loads and augments clips and computes their features on all cores; the same whatever their number. `threads` of 0:
// as many as there are. Errors: no examples in the training split; a class without training examples, by name; only one
// class; what loading reports.
Result<Prepared> prepare(const Project& project, const data::Dataset& dataset, const signal::FrontEnd& front_end,
                         const Progress& progress);

// The windows of one split without augmentation, for evaluation.
Result<Samples> features_of(const data::Dataset& dataset, const signal::FrontEnd& front_end,
                            const InputScaling& scaling, data::Split split, const Progress& progress);

}  // namespace mote::train
