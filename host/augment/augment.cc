// The order of things: the voice, the room, the level, then what else sounds there.
#include "host/augment/augment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "host/data/read.h"
#include "host/data/resample.h"

namespace mote::augment {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNoiseElems = std::size_t{100} << 20U;  // kept in memory, 16 bits each
constexpr double kMostResponseSeconds = 0.3;

Sound to_float(std::span<const std::int16_t> x) {
  Sound out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(x[i]) / 32768.0F;
  return out;
}

Result<std::vector<Sound>> load_responses(const fs::path& folder, double rate_hz) {
  std::vector<fs::path> files;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    if (data::is_readable(entry.path(), data::Kind::sound)) files.push_back(entry.path());
  }
  if (files.empty()) {
    return Error{"holds no room impulse responses", folder.string(), "augmentation.room_folder = \"\" computes rooms"};
  }
  std::ranges::sort(files);
  data::ReadOptions options;
  options.rate_hz = rate_hz;
  std::vector<Sound> out;
  for (const fs::path& file : files) {
    auto recording = data::read_recording(file, data::Kind::sound, options);
    if (!recording.ok()) return std::move(recording).error().in(file.string());
    Sound response = to_float(recording.value().content.sound);
    const auto loudest = std::ranges::max_element(response, {}, [](float v) { return std::abs(v); });
    const auto most = static_cast<std::ptrdiff_t>(kMostResponseSeconds * rate_hz);
    out.emplace_back(loudest, loudest + std::min(most, response.end() - loudest));
  }
  return out;
}

}  // namespace

Result<Augmenter> Augmenter::create(const Project& project, const data::Dataset& dataset) {
  Augmenter out;
  const auto real = [&](const char* key) { return project.real(fmt::format("augmentation.{}", key)); };
  const auto count = [&](const char* key) {
    return static_cast<std::size_t>(project.integer(fmt::format("augmentation.{}", key)));
  };
  out.rate_hz_ = static_cast<double>(project.integer("data.sample_rate_hz"));
  out.noise_probability_ = real("noise_probability"), out.speed_probability_ = real("speed_probability");
  out.pitch_probability_ = real("pitch_probability"), out.band_stop_probability_ = real("band_stop_probability");
  out.room_probability_ = real("room_probability");
  out.snr_db_ = {real("noise_min_db"), real("noise_max_db")};
  out.gain_db_ = {real("gain_min_db"), real("gain_max_db")};
  for (const auto& [range, name] : {std::pair{out.snr_db_, "noise"}, {out.gain_db_, "gain"}}) {
    if (range.low <= range.high) continue;
    return Error{fmt::format("augmentation.{}_min_db is above augmentation.{}_max_db", name, name),
                 std::string(kProjectFile), "exchange them"};
  }
  out.shift_s_ = real("shift_ms") / 1000, out.speed_share_ = real("speed_percent") / 100;
  out.pitch_semitones_ = real("pitch_semitones");
  out.time_masks_ = count("time_masks"), out.time_mask_rows_ = count("time_mask_rows");
  out.band_masks_ = count("band_masks"), out.band_mask_bands_ = count("band_mask_bands");
  std::size_t elems = 0;
  for (const data::Example& e : dataset.examples()) {
    if (e.split != data::Split::train || e.record.label != data::kNoiseLabel ||
        e.record.shape.kind != data::Kind::sound) {
      continue;
    }
    if (elems + e.record.shape.steps > kMostNoiseElems) continue;
    MOTE_LET(content, dataset.load(e));
    elems += content.steps;
    out.noises_.push_back(std::move(content.sound));
  }
  if (const std::string& folder = project.text("augmentation.room_folder"); !folder.empty()) {
    MOTE_LET(responses, load_responses(project.folder() / folder, out.rate_hz_));
    out.responses_ = std::move(responses);
  }
  return out;
}

// A stretch of a recording; of white noise where there are none.
Sound Augmenter::noise(std::size_t elems, Dice& dice) const {
  if (noises_.empty()) {
    Sound out(elems);
    for (float& v : out) v = static_cast<float>(dice.between(-1, 1));
    return out;
  }
  const std::vector<std::int16_t>& whole = noises_[dice.below(noises_.size())];
  const std::size_t take = std::min(elems, whole.size());
  return to_float(std::span(whole).subspan(dice.below(whole.size() - take + 1), take));
}

Sound Augmenter::in_a_room(const Sound& x, Dice& dice) const {
  if (!responses_.empty()) return convolve(x, responses_[dice.below(responses_.size())]);
  Room room;
  room.size = {dice.between(2.5, 8), dice.between(2.5, 6), dice.between(2.3, 3.5)};
  const auto inside = [&] {
    return Point{room.size.x * dice.between(0.1, 0.9), room.size.y * dice.between(0.1, 0.9),
                 room.size.z * dice.between(0.2, 0.7)};
  };
  room.source = inside();
  room.microphone = inside();
  room.reflection = dice.between(0.3, 0.85);
  room.order = 4;
  return reverberate(x, echoes(room), rate_hz_);
}

std::vector<std::int16_t> Augmenter::clip(const std::vector<std::int16_t>& sound, bool is_noise, std::size_t elems,
                                          std::uint64_t seed, std::uint64_t epoch, std::uint64_t example) const {
  Dice dice(seed, epoch, example);
  std::size_t clipped = 0;
  if (is_noise) {
    // Noise is a class of its own kind: another stretch of it, at another level.
    const std::size_t take = std::min(elems, sound.size());
    Sound x = to_float(std::span(sound).subspan(dice.below(sound.size() - take + 1), take));
    x.resize(elems, 0.0F);
    return data::to_int16(scale(std::move(x), dice.between(gain_db_.low, gain_db_.high)), clipped);
  }
  Sound voice = to_float(sound);
  if (dice.chance(speed_probability_)) {
    auto changed = change_speed(voice, 1 + dice.between(-speed_share_, speed_share_));
    if (changed.ok()) voice = std::move(changed).value();
  }
  if (dice.chance(pitch_probability_)) {
    auto changed = change_pitch(voice, dice.between(-pitch_semitones_, pitch_semitones_), rate_hz_);
    if (changed.ok()) voice = std::move(changed).value();
  }
  Sound x = to_float(data::fit_clip(data::to_int16(voice, clipped), elems));
  const double of_voice = power(x);
  x = shift(x, static_cast<std::ptrdiff_t>(std::lround(dice.between(-shift_s_, shift_s_) * rate_hz_)));
  if (dice.chance(room_probability_)) {
    x = in_a_room(x, dice);
    // Echoes add up; the level is the gain's to choose.
    if (const double now = power(x); now > 0 && of_voice > 0) x = scale(std::move(x), 10 * std::log10(of_voice / now));
  }
  if (dice.chance(band_stop_probability_)) {
    const double center_hz = rate_hz_ / 2 * std::pow(2, -dice.between(0.3, 5));
    x = filter(x, notch(center_hz, center_hz * dice.between(0.1, 0.5), rate_hz_));
  }
  if (dice.chance(noise_probability_)) x = mix(x, noise(elems, dice), dice.between(snr_db_.low, snr_db_.high));
  return data::to_int16(scale(std::move(x), dice.between(gain_db_.low, gain_db_.high)), clipped);
}

void Augmenter::mask(std::span<float> features, std::size_t bands, float fill, std::uint64_t seed, std::uint64_t epoch,
                     std::uint64_t example) const {
  if (bands == 0 || features.empty()) return;
  Dice dice(~seed, epoch, example);
  const std::size_t rows = features.size() / bands;
  for (std::size_t k = 0; k < time_masks_; ++k) {
    const std::size_t length = std::min(rows, dice.below(time_mask_rows_ + 1));
    const std::size_t first = dice.below(rows - length + 1);
    std::fill_n(features.begin() + static_cast<std::ptrdiff_t>(first * bands), length * bands, fill);
  }
  for (std::size_t k = 0; k < band_masks_; ++k) {
    const std::size_t width = std::min(bands, dice.below(band_mask_bands_ + 1));
    const std::size_t first = dice.below(bands - width + 1);
    for (std::size_t r = 0; r < rows; ++r) {
      std::fill_n(features.begin() + static_cast<std::ptrdiff_t>(r * bands + first), width, fill);
    }
  }
}

}  // namespace mote::augment
