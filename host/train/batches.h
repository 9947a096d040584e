// The order of examples and what is done to them in each epoch.
#pragma once

#include <cstdint>
#include <vector>

#include "host/project/project.h"
#include "host/train/samples.h"

namespace mote::train {

struct Batch {
  std::vector<float> features;  // kInputScale * int8
  std::vector<std::int64_t> labels;
  // Mixup: the same features are a blend with weight `share` of these labels; 0: none.
  std::vector<std::int64_t> other_labels;
  float share = 0;
};

// All batches of an epoch (from 0): a permutation of one variant, with stretches of rows and bands blanked and pairs
// blended as the project says. The same for equal seeds and epochs, whatever came before. A last batch of one example
// is left out.
class EpochBatches {
 public:
  EpochBatches(const Project& project, const Prepared& data, int epoch);
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] Batch batch(std::size_t index) const;

 private:
  const Prepared& data_;
  const Samples& samples_;
  std::vector<std::size_t> order_;
  std::size_t size_;
  std::uint64_t seed_;
  std::int64_t time_masks_, time_mask_rows_, band_masks_, band_mask_bands_;
  double mixup_;
};

// Weight per class in the loss: rare ones count more, the mean over all examples is 1. All 1 if not wanted.
[[nodiscard]] std::vector<float> class_weights(const Project& project, const Prepared& data, std::size_t classes);

}  // namespace mote::train
