// Runs the device's signal code over recordings: the features that a model is trained on are the ones it will see.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "device/signal/channels.h"
#include "device/signal/framing.h"
#include "host/signal/front_end.h"

namespace mote::signal {

struct Features {
  std::size_t channels = 0;
  std::vector<std::int16_t> values;  // row after row
  [[nodiscard]] std::size_t rows() const { return channels == 0 ? 0 : values.size() / channels; }
  [[nodiscard]] std::span<const std::int16_t> row(std::size_t r) const {
    return std::span(values).subspan(r * channels, channels);
  }
};

// A stream, as it runs on the device: samples in, in any portions, rows of features out.
class Extractor {
 public:
  // `front_end` must outlive it.
  explicit Extractor(const FrontEnd& front_end);
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;
  Extractor(Extractor&&) = default;
  Extractor& operator=(Extractor&&) = delete;
  ~Extractor() = default;

  // Appends the rows that these samples complete.
  void push(std::span<const std::int16_t> samples, Features& out);

 private:
  void frame(const std::int16_t* x, std::int16_t* row);
  friend Features extract(const FrontEnd& front_end, std::span<const std::int16_t> samples);

  const FrontEnd* front_end_;
  std::vector<std::int16_t> history_;
  FrameState state_;
  std::vector<std::int32_t> scratch_;
  std::vector<std::int16_t> scratch_16_;
  std::vector<std::uint64_t> smoothed_;
  std::vector<std::uint32_t> noise_;
  std::vector<std::int16_t> delta_history_[2];
  DeltaState deltas_[2];
};

// All rows of a recording, straight from its samples; the same numbers as a stream gives.
[[nodiscard]] Features extract(const FrontEnd& front_end, std::span<const std::int16_t> samples);

// Features as a model's int8 input. `p` has a channel for each of theirs.
[[nodiscard]] std::vector<std::int8_t> normalise(const NormaliseParams& p, const Features& features);

}  // namespace mote::signal
