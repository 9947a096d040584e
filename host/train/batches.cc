// Seeds by epoch and batch, so that an epoch can be repeated alone.
#include "host/train/batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "host/train/network.h"

namespace mote::train {
namespace {

// The standard's engines are the same everywhere, its distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(unit() * static_cast<double>(n)); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

EpochBatches::EpochBatches(const Project& project, const Prepared& data, int epoch)
    : data_(data),
      samples_(data.variants[static_cast<std::size_t>(epoch) % data.variants.size()]),
      order_(samples_.size()),
      size_(static_cast<std::size_t>(project.integer("training.batch"))),
      seed_(static_cast<std::uint64_t>(project.integer("training.seed")) * 1000003 + static_cast<std::uint64_t>(epoch)),
      time_masks_(project.integer("augmentation.time_masks")),
      time_mask_rows_(project.integer("augmentation.time_mask_rows")),
      band_masks_(project.integer("augmentation.band_masks")),
      band_mask_bands_(project.integer("augmentation.band_mask_bands")),
      mixup_(project.real("training.mixup")) {
  std::iota(order_.begin(), order_.end(), 0);
  Random random(seed_);
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  }
}

std::size_t EpochBatches::count() const {
  const std::size_t whole = order_.size() / size_;
  return whole + (order_.size() % size_ > 1 ? 1 : 0);  // batch normalisation needs two
}

Batch EpochBatches::batch(std::size_t index) const {
  const std::size_t begin = index * size_;
  const std::size_t end = std::min(order_.size(), begin + size_);
  const std::size_t elems = data_.rows * data_.channels;
  Random random(seed_ * 31 + 17 * (index + 1));
  Batch out;
  out.features.resize((end - begin) * elems);
  const auto rows = static_cast<std::int64_t>(data_.rows);
  const auto bands = static_cast<std::int64_t>(data_.channels);
  for (std::size_t i = begin; i < end; ++i) {
    out.labels.push_back(samples_.labels[order_[i]]);
    float* x = &out.features[(i - begin) * elems];
    const std::int8_t* from = &samples_.features[order_[i] * elems];
    for (std::size_t k = 0; k < elems; ++k) x[k] = kInputScale * static_cast<float>(from[k]);
    for (std::int64_t m = 0; m < time_masks_; ++m) {
      const std::int64_t length = random.below(std::min(time_mask_rows_, rows - 1) + 1);
      const std::int64_t at = random.below(rows - length + 1);
      std::fill_n(x + at * bands, length * bands, 0.0F);
    }
    for (std::int64_t m = 0; m < band_masks_; ++m) {
      const std::int64_t width = random.below(std::min(band_mask_bands_, bands - 1) + 1);
      const std::int64_t at = random.below(bands - width + 1);
      for (std::int64_t r = 0; r < rows; ++r) std::fill_n(x + r * bands + at, width, 0.0F);
    }
  }
  if (mixup_ > 0 && random.unit() < mixup_) {
    // Each example with its neighbour, which is random already.
    out.share = 0.5F * static_cast<float>(random.unit());
    const std::size_t n = out.labels.size();
    const std::vector<float> whole = out.features;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t other = (i + 1) % n;
      out.other_labels.push_back(out.labels[other]);
      for (std::size_t k = 0; k < elems; ++k) {
        out.features[i * elems + k] = (1 - out.share) * whole[i * elems + k] + out.share * whole[other * elems + k];
      }
    }
  }
  return out;
}

std::vector<float> class_weights(const Project& project, const Prepared& data, std::size_t classes) {
  std::vector<float> out(classes, 1.0F);
  if (!project.flag("training.class_weights")) return out;
  std::vector<double> counts(classes);
  for (const std::int32_t label : data.variants.at(0).labels) counts[static_cast<std::size_t>(label)] += 1;
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  for (std::size_t c = 0; c < classes; ++c) {
    out[c] = static_cast<float>(all / (static_cast<double>(classes) * std::max(1.0, counts[c])));
  }
  return out;
}

}  // namespace mote::train
