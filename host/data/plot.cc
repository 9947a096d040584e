// Pictures as SVG: one polygon per channel, one rectangle per feature.
#include "host/data/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mote::data {
namespace {

constexpr double kWidth = 900;
constexpr double kWaveHeight = 160;
constexpr double kFeatureHeight = 240;
constexpr double kLeft = 20;
constexpr double kTop = 40;
constexpr const char* kInks[] = {"#1f5f8b", "#c8553d", "#3a7d44", "#8e5572", "#b8860b", "#555555"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

// Least and greatest of every column of pixels.
std::string wave(const Content& c, std::size_t channel, double low, double high) {
  const auto value = [&](std::size_t i) {
    return c.kind == Kind::sound ? c.sound[i] / 32768.0 : static_cast<double>(c.series[i * c.channels + channel]);
  };
  const auto y = [&](double v) { return kTop + kWaveHeight * (high - v) / (high - low); };
  const std::size_t columns = std::min<std::size_t>(c.steps, static_cast<std::size_t>(kWidth));
  std::string upper;
  std::string lower;
  for (std::size_t k = 0; k < columns; ++k) {
    const std::size_t first = k * c.steps / columns;
    const std::size_t last = std::max(first + 1, (k + 1) * c.steps / columns);
    double least = value(first);
    double most = least;
    for (std::size_t i = first; i < last; ++i) least = std::min(least, value(i)), most = std::max(most, value(i));
    const double x =
        kLeft + kWidth * static_cast<double>(k) / static_cast<double>(std::max<std::size_t>(1, columns - 1));
    upper += fmt::format("{:.1f},{:.1f} ", x, y(most));
    lower.insert(0, fmt::format("{:.1f},{:.1f} ", x, y(least)));
  }
  const char* ink = kInks[channel % std::size(kInks)];
  return fmt::format("<polygon points=\"{}{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"0.7\" fill-opacity=\"0.7\"/>\n",
                     upper, lower, ink, ink);
}

// From dark blue over green to yellow, even in lightness.
std::string colour(double t) {
  const double u = std::clamp(t, 0.0, 1.0);
  const auto mix = [&](double a, double b, double c) {
    return u < 0.5 ? a + 2 * u * (b - a) : b + (2 * u - 1) * (c - b);
  };
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(mix(48, 38, 250)), static_cast<int>(mix(18, 140, 230)),
                     static_cast<int>(mix(80, 130, 60)));
}

std::string picture(const signal::Features& f) {
  const auto [least, most] = std::minmax_element(f.values.begin(), f.values.end());
  const double low = *least;
  const double range = std::max(1.0, static_cast<double>(*most) - low);
  const double w = kWidth / static_cast<double>(f.rows());
  const double h = kFeatureHeight / static_cast<double>(f.channels);
  std::string out;
  for (std::size_t r = 0; r < f.rows(); ++r) {
    for (std::size_t c = 0; c < f.channels; ++c) {
      out += fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/>\n",
                         kLeft + static_cast<double>(r) * w,
                         kTop + kWaveHeight + 20 + kFeatureHeight - static_cast<double>(c + 1) * h, w + 0.2, h + 0.2,
                         colour((f.row(r)[c] - low) / range));
    }
  }
  return out;
}

}  // namespace

std::string plot_svg(const Content& content, const signal::Features& features, const std::string& title) {
  double low = -1;
  double high = 1;
  if (content.kind == Kind::series && !content.series.empty()) {
    const auto [least, most] = std::minmax_element(content.series.begin(), content.series.end());
    low = static_cast<double>(*least), high = std::max(low + 1e-9, static_cast<double>(*most));
  }
  const bool has_features = features.rows() > 0;
  const double height = kTop + kWaveHeight + (has_features ? 20 + kFeatureHeight : 0) + 20;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" font-family=\"sans-serif\" "
      "font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{}\" y=\"24\">{}</text>\n",
      kWidth + 2 * kLeft, height, kLeft, escaped(title));
  const std::size_t channels = content.kind == Kind::sound ? 1 : content.channels;
  for (std::size_t c = 0; c < channels && content.steps > 0; ++c) out += wave(content, c, low, high);
  if (has_features) out += picture(features);
  return out + "</svg>\n";
}

}  // namespace mote::data
