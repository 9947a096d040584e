// Clips, their variants and their features; the noise class is cut from its recordings window by window.
#include "host/train/samples.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "host/augment/augment.h"
#include "host/base/process.h"

namespace mote::train {
namespace {

using Clip = std::vector<std::int16_t>;

constexpr std::size_t kScalingWindows = 1024;

// A window of an example: whole clips are window 0.
struct Window {
  std::size_t example = 0;
  std::size_t begin = 0;
  bool is_cut = false;
};

Status for_each(std::size_t count, const std::function<Status(std::size_t)>& work, const Progress& progress) {
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  std::mutex mutex;
  Status first;
  const auto loop = [&] {
    for (std::size_t i = next++; i < count && !interrupted(); i = next++) {
      Status status = work(i);
      ++done;
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (first.ok()) first = std::move(status);
      next = count;
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t) threads.emplace_back(loop);
  while (done < count && next < count + threads.size() && !interrupted()) {
    if (progress) progress(done, count);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  threads.clear();
  if (interrupted()) return Error{"interrupted", "", ""};
  if (progress) progress(count, count);
  return first;
}

// The windows of a split. A long recording of noise gives one per clip length, at most as many as the largest class.
Result<std::vector<Window>> windows_of(const data::Dataset& dataset, data::Split split) {
  const auto noise = dataset.class_named(data::kNoiseLabel);
  std::vector<std::size_t> counts(dataset.classes().size());
  std::vector<Window> out;
  std::vector<Window> cut;
  for (const std::size_t i : dataset.indices(split)) {
    const data::Example& e = dataset.examples()[i];
    if (!noise || e.label != *noise || e.record.shape.steps < dataset.clip_elems()) {
      out.push_back({i, 0, false});
      ++counts[e.label];
      continue;
    }
    for (std::size_t at = 0; at + dataset.clip_elems() <= e.record.shape.steps; at += dataset.clip_elems()) {
      cut.push_back({i, at, true});
    }
  }
  const std::size_t most = std::max<std::size_t>(1, *std::ranges::max_element(counts));
  const std::size_t step = std::max<std::size_t>(1, (cut.size() + most - 1) / most);
  for (std::size_t i = 0; i < cut.size(); i += step) out.push_back(cut[i]);
  return out;
}

// Where the windows of each recording begin, which follow each other, and the end: a recording is read once for all.
std::vector<std::size_t> recordings_of(const std::vector<Window>& windows) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (i == 0 || windows[i].example != windows[i - 1].example) out.push_back(i);
  }
  out.push_back(windows.size());
  return out;
}

Result<Clip> clip_of(const data::Dataset& dataset, const Clip& sound, const Window& window) {
  if (!window.is_cut) return data::fit_clip(sound, dataset.clip_elems());
  if (sound.size() < window.begin + dataset.clip_elems()) {
    return Error{"is shorter than its index says", dataset.examples()[window.example].record.source, "import it again"};
  }
  const auto begin = sound.begin() + static_cast<std::ptrdiff_t>(window.begin);
  return Clip(begin, begin + static_cast<std::ptrdiff_t>(dataset.clip_elems()));
}

Result<Samples> split_features(const data::Dataset& dataset, const signal::FrontEnd& front_end,
                               const InputScaling& scaling, const std::vector<Window>& windows,
                               const Progress& progress) {
  Samples out;
  const std::size_t elems = front_end.rows(dataset.clip_elems()) * static_cast<std::size_t>(front_end.channels());
  out.features.resize(windows.size() * elems);
  for (const Window& w : windows) {
    out.labels.push_back(static_cast<std::int32_t>(dataset.examples()[w.example].label));
    out.examples.push_back(w.example);
  }
  const std::vector<std::size_t> begins = recordings_of(windows);
  MOTE_TRY(for_each(
      begins.size() - 1,
      [&](std::size_t r) -> Status {
        const data::Example& e = dataset.examples()[windows[begins[r]].example];
        MOTE_LET(content, dataset.load(e));
        for (std::size_t i = begins[r]; i < begins[r + 1]; ++i) {
          MOTE_LET(clip, clip_of(dataset, content.sound, windows[i]));
          const auto features = signal::normalise(scaling.normalisation.params(), signal::extract(front_end, clip));
          std::ranges::copy(features, out.features.begin() + static_cast<std::ptrdiff_t>(i * elems));
        }
        return {};
      },
      progress));
  return out;
}

}  // namespace

Result<InputScaling> make_scaling(std::vector<double> mean, std::vector<double> deviation) {
  constexpr double kSteps = 32;  // per deviation; see kInputScale
  std::vector<double> scale;
  std::vector<double> offset;
  for (std::size_t c = 0; c < mean.size(); ++c) {
    if (deviation[c] <= 0) deviation[c] = 1;
    scale.push_back(kSteps / deviation[c]);
    offset.push_back(-mean[c] * kSteps / deviation[c]);
  }
  MOTE_LET(normalisation, signal::make_normalisation(scale, offset));
  return InputScaling{std::move(mean), std::move(deviation), std::move(normalisation)};
}

Result<Prepared> prepare(const Project& project, const data::Dataset& dataset, const signal::FrontEnd& front_end,
                         const Progress& progress) {
  if (project.text("data.kind") != "sound") {
    return Error{fmt::format("examples are of kind '{}'; sound is what can be trained on", project.text("data.kind")),
                 "data.kind", "train elsewhere and give mote the .tflite or .onnx"};
  }
  if (dataset.classes().size() < 2) {
    return Error{
        fmt::format("the data has {} class{}", dataset.classes().size(), dataset.classes().size() == 1 ? "" : "es"),
        std::string(kProjectFile), "import examples of at least two labels, or of _unknown_ and _noise_"};
  }
  MOTE_LET(windows, windows_of(dataset, data::Split::train));
  std::vector<std::size_t> counts(dataset.classes().size());
  for (const Window& w : windows) ++counts[dataset.examples()[w.example].label];
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) {
      return Error{fmt::format("class '{}' has no training examples", dataset.classes()[c]), std::string(kProjectFile),
                   "import more of it, or lower data.validation_percent and data.test_percent"};
    }
  }
  Prepared out;
  out.rows = front_end.rows(dataset.clip_elems());
  out.channels = static_cast<std::size_t>(front_end.channels());
  if (out.rows == 0) {
    return Error{"a clip is shorter than a frame", std::string(kProjectFile),
                 "raise data.clip_ms or lower signal.frame_ms"};
  }
  const std::size_t elems = out.rows * out.channels;
  const auto variants = static_cast<std::size_t>(project.integer("training.variants"));
  const auto seed = static_cast<std::uint64_t>(project.integer("training.seed"));
  const auto noise = dataset.class_named(data::kNoiseLabel);
  MOTE_LET(augmenter, augment::Augmenter::create(project, dataset));
  // The scaling follows from some windows, spread over all, so that all others can become int8 at once.
  const std::size_t some = std::min(windows.size(), kScalingWindows);
  const auto sampled = [&](std::size_t k) { return k * windows.size() / some; };
  const auto extract = [&](const data::Content& content, std::size_t i, std::size_t variant) {
    const bool is_noise = noise && dataset.examples()[windows[i].example].label == *noise;
    return signal::extract(front_end, augmenter.clip(content.sound, is_noise, dataset.clip_elems(), seed, variant, i));
  };
  std::vector<std::int16_t> raw(some * elems);
  MOTE_TRY(for_each(
      some,
      [&](std::size_t k) -> Status {
        MOTE_LET(content, dataset.load(dataset.examples()[windows[sampled(k)].example]));
        std::ranges::copy(extract(content, sampled(k), 0).values, raw.begin() + static_cast<std::ptrdiff_t>(k * elems));
        return {};
      },
      progress));
  std::vector<double> sum(out.channels);
  std::vector<double> squares(out.channels);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    sum[i % out.channels] += raw[i];
    squares[i % out.channels] += static_cast<double>(raw[i]) * raw[i];
  }
  const double n = static_cast<double>(raw.size()) / static_cast<double>(out.channels);
  raw = {};
  std::vector<double> deviation(out.channels);
  for (std::size_t c = 0; c < out.channels; ++c) {
    sum[c] /= n;
    deviation[c] = std::sqrt(std::max(0.0, squares[c] / n - sum[c] * sum[c]));
  }
  MOTE_LET(scaling, make_scaling(std::move(sum), std::move(deviation)));
  out.scaling = std::move(scaling);
  out.variants.resize(variants);
  for (Samples& s : out.variants) {
    s.features.resize(windows.size() * elems);
    for (const Window& w : windows) {
      s.labels.push_back(static_cast<std::int32_t>(dataset.examples()[w.example].label));
      s.examples.push_back(w.example);
    }
  }
  const std::vector<std::size_t> begins = recordings_of(windows);
  MOTE_TRY(for_each(
      begins.size() - 1,
      [&](std::size_t r) -> Status {
        MOTE_LET(content, dataset.load(dataset.examples()[windows[begins[r]].example]));
        for (std::size_t i = begins[r]; i < begins[r + 1]; ++i) {
          for (std::size_t v = 0; v < variants; ++v) {
            const auto features = signal::normalise(out.scaling.normalisation.params(), extract(content, i, v));
            std::ranges::copy(features, out.variants[v].features.begin() + static_cast<std::ptrdiff_t>(i * elems));
          }
        }
        return {};
      },
      progress));
  MOTE_LET(validation, features_of(dataset, front_end, out.scaling, data::Split::validation, progress));
  out.validation = std::move(validation);
  if (out.validation.size() == 0) {
    return Error{"the validation split is empty", std::string(kProjectFile),
                 "raise data.validation_percent, or import more speakers"};
  }
  MOTE_LET(test, features_of(dataset, front_end, out.scaling, data::Split::test, progress));
  out.test = std::move(test);
  return out;
}

Result<Samples> features_of(const data::Dataset& dataset, const signal::FrontEnd& front_end,
                            const InputScaling& scaling, data::Split split, const Progress& progress) {
  MOTE_LET(windows, windows_of(dataset, split));
  return split_features(dataset, front_end, scaling, windows, progress);
}

}  // namespace mote::train
