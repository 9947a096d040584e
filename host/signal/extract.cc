// Calls the device's blocks with memory of the host.
#include "host/signal/extract.h"

#include <algorithm>

#include "device/signal/mfe.h"
#include "device/signal/micro_front_end.h"
#include "device/signal/spectrum.h"

namespace mote::signal {

Extractor::Extractor(const FrontEnd& front_end)
    : front_end_(&front_end),
      history_(static_cast<std::size_t>(frame_history_elems(front_end.frame()))),
      state_{history_.data()},
      scratch_((front_end.scratch_bytes() + 3) / 4) {
  if (const auto* p = std::get_if<PcenParams>(&front_end.params())) {
    smoothed_.resize(static_cast<std::size_t>(p->mel.bands));
  }
  if (const auto* p = std::get_if<MicroFrontEndParams>(&front_end.params())) {
    scratch_16_.resize(static_cast<std::size_t>(micro_front_end_scratch_elems(*p)));
    noise_.resize(static_cast<std::size_t>(micro_front_end_noise_elems(*p)));
  }
  if (front_end.config().delta_reach == 0) return;
  for (int order = 0; order < 2; ++order) {
    delta_history_[order].resize(static_cast<std::size_t>(delta_history_elems(front_end.deltas())));
    deltas_[order].history = delta_history_[order].data();
  }
}

void Extractor::frame(const std::int16_t* x, std::int16_t* row) {
  struct Run {
    Extractor& e;
    const std::int16_t* x;
    std::int16_t* row;
    void operator()(const SpectrogramParams& p) const { spectrogram_frame(p, x, e.scratch_.data(), row); }
    void operator()(const MfeParams& p) const { mfe_frame(p, x, e.scratch_.data(), row); }
    void operator()(const MfccParams& p) const { mfcc_frame(p, x, e.scratch_.data(), row); }
    void operator()(const PcenParams& p) const { pcen_frame(p, x, e.scratch_.data(), e.smoothed_.data(), row); }
    void operator()(const MicroFrontEndParams& p) const {
      std::vector<std::uint16_t> features(static_cast<std::size_t>(p.bands));
      micro_front_end_frame(p, x, e.scratch_16_.data(), e.noise_.data(), features.data());
      // 2^output_shift * ln 2^32 is at most 1420 for the 2^6 that create() sets.
      std::transform(features.begin(), features.end(), row,
                     [](std::uint16_t f) { return static_cast<std::int16_t>(f); });
    }
  };
  std::visit(Run{*this, x, row}, front_end_->params());
  if (front_end_->config().delta_reach == 0) return;
  const int channels = front_end_->block_channels();
  for (int order = 0; order < front_end_->config().delta_orders; ++order) {
    delta_frame(front_end_->deltas(), deltas_[order], row + order * channels, row + (order + 1) * channels);
  }
}

void Extractor::push(std::span<const std::int16_t> samples, Features& out) {
  out.channels = static_cast<std::size_t>(front_end_->channels());
  const FrameParams& p = front_end_->frame();
  while (!samples.empty()) {
    const auto count = static_cast<std::int32_t>(std::min<std::size_t>(samples.size(), 1 << 20));
    const std::int32_t taken = frame_push(p, state_, samples.data(), count);
    samples = samples.subspan(static_cast<std::size_t>(taken));
    if (state_.filled < p.frame_elems) continue;
    out.values.resize(out.values.size() + out.channels);
    frame(frame_samples(state_), &out.values[out.values.size() - out.channels]);
  }
}

Features extract(const FrontEnd& front_end, std::span<const std::int16_t> samples) {
  Features out;
  out.channels = static_cast<std::size_t>(front_end.channels());
  const std::size_t rows = front_end.rows(samples.size());
  out.values.resize(rows * out.channels);
  const FrameParams& p = front_end.frame();
  const auto frame_elems = static_cast<std::size_t>(p.frame_elems);
  Extractor extractor(front_end);
  // The first frame has no sample before it; a copy with a zero there stands in.
  std::vector<std::int16_t> first(frame_elems + 1);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::int16_t* x = samples.data() + r * static_cast<std::size_t>(p.hop_elems);
    if (r == 0) {
      std::copy_n(x, frame_elems, first.begin() + 1);
      x = first.data() + 1;
    }
    extractor.frame(x, &out.values[r * out.channels]);
  }
  return out;
}

std::vector<std::int8_t> normalise(const NormaliseParams& p, const Features& features) {
  std::vector<std::int8_t> out(features.values.size());
  for (std::size_t r = 0; r < features.rows(); ++r) {
    normalise_frame(p, features.row(r).data(), out.data() + r * features.channels);
  }
  return out;
}

}  // namespace mote::signal
