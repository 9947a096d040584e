// Training clips, heard differently in every epoch: what a project's [augmentation] says, drawn by (seed, epoch,
// example). The same three numbers give the same clip, on every computer and in any order.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "host/augment/effects.h"
#include "host/data/dataset.h"

namespace mote::augment {

class Augmenter {
 public:
  // Loads noises (training examples labelled _noise_) and room responses.
  // Errors: a file that cannot be read; a range whose least is above its greatest, by name.
  static Result<Augmenter> create(const Project& project, const data::Dataset& dataset);

  // A clip of `elems` samples from a whole recording. Safe to call from several threads.
  [[nodiscard]] std::vector<std::int16_t> clip(const std::vector<std::int16_t>& sound, bool is_noise, std::size_t elems,
                                               std::uint64_t seed, std::uint64_t epoch, std::uint64_t example) const;

  // SpecAugment: sets stretches of rows and of bands of features [rows][bands] to `fill`.
  // Source: arXiv:1904.08779, without the time warp.
  void mask(std::span<float> features, std::size_t bands, float fill, std::uint64_t seed, std::uint64_t epoch,
            std::uint64_t example) const;

  [[nodiscard]] std::size_t noise_count() const { return noises_.size(); }

 private:
  struct Range {
    double low = 0, high = 0;
  };
  Augmenter() = default;
  Sound noise(std::size_t elems, Dice& dice) const;
  Sound in_a_room(const Sound& x, Dice& dice) const;

  double rate_hz_ = 16000;
  double noise_probability_ = 0, speed_probability_ = 0, pitch_probability_ = 0, band_stop_probability_ = 0,
         room_probability_ = 0;
  Range snr_db_, gain_db_;
  double shift_s_ = 0, speed_share_ = 0, pitch_semitones_ = 0;
  std::size_t time_masks_ = 0, time_mask_rows_ = 0, band_masks_ = 0, band_mask_bands_ = 0;
  std::vector<std::vector<std::int16_t>> noises_;
  std::vector<Sound> responses_;
};

}  // namespace mote::augment
