// Two runs over the examples: extremes first, then histograms between them.
#include "host/quantize/ranges.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

namespace mote {
namespace {

constexpr std::size_t kBins = 2048;

std::vector<float> floats_of(const Bytes& bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

// Float tensors that a run computes.
std::vector<TensorId> activations(const Graph& g) {
  std::vector<TensorId> out;
  for (std::size_t i = 0; i < g.tensors.size(); ++i) {
    if (!g.tensors[i].is_constant && g.tensors[i].type == DType::f32) out.push_back(static_cast<TensorId>(i));
  }
  return out;
}

struct Histogram {
  Range range;
  std::vector<double> counts = std::vector<double>(kBins);

  [[nodiscard]] double width() const {
    return (static_cast<double>(range.max) - static_cast<double>(range.min)) / static_cast<double>(kBins);
  }
  [[nodiscard]] double centre(std::size_t bin) const {
    return static_cast<double>(range.min) + (static_cast<double>(bin) + 0.5) * width();
  }
  void add(float value) {
    const double at = (static_cast<double>(value) - static_cast<double>(range.min)) / width();
    counts[std::min(static_cast<std::size_t>(std::max(at, 0.0)), kBins - 1)] += 1;  // at <= kBins
  }
};

Range without_rarest(const Histogram& h, double percentile) {
  const double all = std::accumulate(h.counts.begin(), h.counts.end(), 0.0);
  const double drop = all * (1 - percentile / 100) / 2;
  std::size_t low = 0;
  std::size_t high = kBins - 1;
  for (double seen = h.counts[low]; low < high && seen <= drop; seen += h.counts[low]) ++low;
  for (double seen = h.counts[high]; high > low && seen <= drop; seen += h.counts[high]) --high;
  return {static_cast<float>(h.centre(low) - h.width() / 2), static_cast<float>(h.centre(high) + h.width() / 2)};
}

// Squared error of 256 steps over a range.
double error_of(const Histogram& h, double low, double high) {
  const double step = (high - low) / 255;
  double error = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    if (h.counts[b] == 0) continue;
    const double x = h.centre(b);
    const double q = low + step * std::round((std::clamp(x, low, high) - low) / step);
    error += h.counts[b] * (x - q) * (x - q);
  }
  return error;
}

Range least_error(const Histogram& h) {
  constexpr int kSteps = 40;  // shrinks each end to a fifth
  const double low = std::min(0.0, static_cast<double>(h.range.min));
  const double high = std::max(0.0, static_cast<double>(h.range.max));
  double best_low = low;
  double best_high = high;
  double best = error_of(h, low, high);
  // One end after the other: what is rare at one says nothing of the other.
  for (const bool is_high : {true, false}) {
    for (int s = 1; s < kSteps; ++s) {
      const double part = 1 - 0.8 * s / kSteps;
      const double l = is_high ? best_low : low * part;
      const double r = is_high ? high * part : best_high;
      if (r - l <= 0) continue;
      if (const double error = error_of(h, l, r); error < best) {
        best = error;
        (is_high ? best_high : best_low) = is_high ? r : l;
      }
    }
  }
  return {static_cast<float>(best_low), static_cast<float>(best_high)};
}

}  // namespace

Result<Ranges> calibrate(const Graph& graph, const std::vector<std::vector<Bytes>>& records,
                         const CalibrationOptions& options) {
  if (records.empty()) return Error{"no examples to find ranges from", graph.source, "give at least one input"};
  MOTE_LET(run, Interpreter::create(graph));
  const std::vector<TensorId> ids = activations(graph);
  Ranges ranges;
  for (const auto& record : records) {
    MOTE_TRY([&]() -> Status {
      MOTE_LET(ignored, run.run(record));
      (void)ignored;
      return {};
    }());
    for (const TensorId id : ids) {
      for (const float v : floats_of(run.tensor(id))) {
        if (!std::isfinite(v)) {
          return Error{"takes a value that is not finite",
                       fmt::format("{}: tensor '{}'", graph.source, graph.tensor(id).name),
                       "check the inputs and the model's weights"};
        }
        Range& range = ranges.try_emplace(id, Range{v, v}).first->second;
        range.min = std::min(range.min, v);
        range.max = std::max(range.max, v);
      }
    }
  }
  if (options.method == RangeMethod::min_max) return ranges;

  std::map<TensorId, Histogram> histograms;
  for (const auto& [id, range] : ranges) {
    if (range.max > range.min) histograms[id].range = range;
  }
  for (const auto& record : records) {
    MOTE_TRY([&]() -> Status {
      MOTE_LET(ignored, run.run(record));
      (void)ignored;
      return {};
    }());
    for (auto& [id, histogram] : histograms) {
      for (const float v : floats_of(run.tensor(id))) histogram.add(v);
    }
  }
  for (const auto& [id, histogram] : histograms) {
    ranges[id] = options.method == RangeMethod::percentile ? without_rarest(histogram, options.percentile)
                                                           : least_error(histogram);
  }
  return ranges;
}

Result<RangeMethod> parse_range_method(std::string_view name) {
  if (name == "min_max") return RangeMethod::min_max;
  if (name == "percentile") return RangeMethod::percentile;
  if (name == "mse") return RangeMethod::mse;
  return Error{fmt::format("'{}' is no way to find ranges", name), "", "give min_max, percentile or mse"};
}

}  // namespace mote
