// Axes, marks, and the five kinds of figures.
#include "host/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "host/base/markup.h"

namespace mote {
namespace {

constexpr double kWidth = 900;
constexpr double kLeft = 78;
constexpr double kRight = 880;
constexpr double kTop = 46;
constexpr double kBottom = 340;
constexpr int kColours = 8;
constexpr double kLetter = 6.2;  // width of a letter, about

std::string number_text(double value) {
  const double size = std::abs(value);
  if (value == std::round(value) && size < 1e7) return fmt::format("{:.0f}", value);
  return size >= 1e7 || size < 1e-3 ? fmt::format("{:.3g}", value) : fmt::format("{:.4g}", value);
}

// Cut to a width in pixels, on a boundary of UTF-8.
std::string fitted(const std::string& text, double width) {
  const auto most = static_cast<std::size_t>(std::max(0.0, width / kLetter));
  if (text.size() <= most) return text;
  if (most < 3) return "";
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string open(double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\">"
      "<text class=\"title\" x=\"8\" y=\"18\">{}</text>\n",
      kWidth, height, escape_markup(title));
}

std::string nothing(const std::string& title) {
  return open(50, title) + "<text class=\"soft\" x=\"8\" y=\"38\">no values</text></svg>\n";
}

// Maps values to pixels, with round numbers as ticks.
class Scale {
 public:
  Scale(double low, double high, double begin, double end, bool is_log) : begin_(begin), end_(end), is_log_(is_log) {
    low = map(low);
    high = map(high);
    if (high - low < 1e-12 * std::max(1.0, std::abs(high))) {
      const double room = std::max(0.5, std::abs(low) * 0.1);
      low -= room;
      high += room;
    }
    constexpr double kTicks = 6;
    const double rough = (high - low) / kTicks;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    step_ = power * 10;
    for (const double nice : {1.0, 2.0, 5.0}) {
      if (power * nice >= rough) {
        step_ = power * nice;
        break;
      }
    }
    if (is_log_) step_ = std::max(step_, std::log10(2));
    low_ = low;
    high_ = high;
  }
  [[nodiscard]] double at(double value) const {
    return begin_ + (map(value) - low_) / (high_ - low_) * (end_ - begin_);
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> out;
    for (double t = std::ceil(low_ / step_ - 1e-9); t * step_ <= high_ + step_ * 1e-9 && out.size() < 20; ++t) {
      out.push_back(is_log_ ? std::pow(10, t * step_) : t * step_ + 0.0);
    }
    return out;
  }

 private:
  [[nodiscard]] double map(double value) const { return is_log_ ? std::log10(value) : value; }
  double begin_, end_, low_ = 0, high_ = 1, step_ = 1;
  bool is_log_;
};

struct Point {
  double x = 0;
  double y = 0;
  std::size_t index = 0;  // in the series
};

std::vector<Point> points_of(const Series& series, const Axes& axes) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (!series.x.empty() && i >= series.x.size()) break;
    const double x = series.x.empty() ? static_cast<double>(i) : series.x[i];
    const double y = series.y[i];
    if (!std::isfinite(x) || !std::isfinite(y) || (axes.log_x && x <= 0) || (axes.log_y && y <= 0)) continue;
    out.push_back({x, y, i});
  }
  return out;
}

// At most about two thousand points: of each stretch, the least and the greatest.
std::vector<Point> thinned(const std::vector<Point>& points) {
  constexpr std::size_t kStretches = 1000;
  if (points.size() <= 2 * kStretches) return points;
  std::vector<Point> out;
  for (std::size_t s = 0; s < kStretches; ++s) {
    const std::size_t first = s * points.size() / kStretches;
    const std::size_t last = (s + 1) * points.size() / kStretches;
    std::size_t low = first;
    std::size_t high = first;
    for (std::size_t i = first; i < last; ++i) {
      if (points[i].y < points[low].y) low = i;
      if (points[i].y > points[high].y) high = i;
    }
    out.push_back(points[std::min(low, high)]);
    if (low != high) out.push_back(points[std::max(low, high)]);
  }
  return out;
}

struct Plane {
  Scale x;
  Scale y;
};

std::optional<Plane> plane_of(const std::vector<std::vector<Point>>& all, const Axes& axes) {
  std::optional<std::array<double, 4>> box;
  for (const auto& points : all) {
    for (const Point& p : points) {
      if (!box) box = {p.x, p.x, p.y, p.y};
      box = {std::min((*box)[0], p.x), std::max((*box)[1], p.x), std::min((*box)[2], p.y), std::max((*box)[3], p.y)};
    }
  }
  if (!box) return std::nullopt;
  return Plane{Scale((*box)[0], (*box)[1], kLeft, kRight, axes.log_x),
               Scale((*box)[2], (*box)[3], kBottom, kTop, axes.log_y)};
}

std::string grid(const Plane& plane, const Axes& axes) {
  std::string out;
  for (const double t : plane.x.ticks()) {
    const double x = plane.x.at(t);
    out += fmt::format(
        "<path class=\"rule\" d=\"M{0:.1f} {1:.0f}V{2:.0f}\"/><text class=\"soft\" x=\"{0:.1f}\" y=\"{3:.0f}\" "
        "text-anchor=\"middle\">{4}</text>\n",
        x, kTop, kBottom, kBottom + 15, number_text(t));
  }
  for (const double t : plane.y.ticks()) {
    const double y = plane.y.at(t);
    out += fmt::format(
        "<path class=\"rule\" d=\"M{0:.0f} {1:.1f}H{2:.0f}\"/><text class=\"soft\" x=\"{3:.0f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5}</text>\n",
        kLeft, y, kRight, kLeft - 6, y + 4, number_text(t));
  }
  out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n", (kLeft + kRight) / 2,
                     kBottom + 32, escape_markup(axes.x));
  return out + fmt::format("<text x=\"8\" y=\"{:.0f}\">{}</text>\n", kTop - 8, escape_markup(axes.y));
}

std::string legend(const std::vector<Series>& series) {
  if (series.size() < 2) return "";
  std::string out;
  double x = kLeft;
  double y = kBottom + 52;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const double width = 30 + kLetter * static_cast<double>(series[s].name.size());
    if (x + width > kRight && x > kLeft) {
      x = kLeft;
      y += 16;
    }
    out += fmt::format(
        "<rect class=\"f{}\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"8\"/><text x=\"{:.0f}\" "
        "y=\"{:.0f}\">{}</text>\n",
        s % kColours, x, y - 8, x + 17, y, escape_markup(series[s].name));
    x += width;
  }
  return out;
}

double height_with_legend(const std::vector<Series>& series) {
  if (series.size() < 2) return kBottom + 44;
  double letters = 0;
  for (const Series& s : series) letters += 30 + kLetter * static_cast<double>(s.name.size());
  return kBottom + 64 + 16 * std::ceil(letters / (kRight - kLeft) * 1.3);
}

}  // namespace

std::string line_svg(const Axes& axes, const std::vector<Series>& series) {
  std::vector<std::vector<Point>> all;
  for (const Series& s : series) all.push_back(thinned(points_of(s, axes)));
  const auto plane = plane_of(all, axes);
  if (!plane) return nothing(axes.title);
  std::string out = open(height_with_legend(series), axes.title) + grid(*plane, axes);
  for (std::size_t s = 0; s < series.size(); ++s) {
    std::string path;
    for (const Point& p : all[s]) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', plane->x.at(p.x), plane->y.at(p.y));
    }
    if (all[s].size() == 1) path += "h3";
    if (path.empty()) continue;
    out += fmt::format("<path class=\"line s{}\" d=\"{}\"><title>{}</title></path>\n", s % kColours, path,
                       escape_markup(series[s].name));
  }
  return out + legend(series) + "</svg>\n";
}

std::string scatter_svg(const Axes& axes, const std::vector<Series>& series,
                        const std::vector<std::vector<std::string>>& labels) {
  std::vector<std::vector<Point>> all;
  for (const Series& s : series) all.push_back(points_of(s, axes));
  const auto plane = plane_of(all, axes);
  if (!plane) return nothing(axes.title);
  std::string out = open(height_with_legend(series), axes.title) + grid(*plane, axes);
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (const Point& p : all[s]) {
      const bool has_label = s < labels.size() && p.index < labels[s].size();
      const std::string label = has_label ? labels[s][p.index] : series[s].name;
      out += fmt::format(
          "<circle class=\"f{}\" fill-opacity=\".7\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}: {}, "
          "{}</title></circle>\n",
          s % kColours, plane->x.at(p.x), plane->y.at(p.y), escape_markup(label), number_text(p.x), number_text(p.y));
    }
  }
  return out + legend(series) + "</svg>\n";
}

std::string bar_svg(const std::string& title, const std::vector<Bar>& bars) {
  constexpr double kRow = 20;
  constexpr double kNames = 240;
  constexpr double kEnd = 740;
  double low = 0;
  double high = 0;
  for (const Bar& b : bars) {
    if (!std::isfinite(b.value)) continue;
    low = std::min(low, b.value);
    high = std::max(high, b.value);
  }
  if (bars.empty() || !std::isfinite(high - low)) return nothing(title);
  const double scale = (kEnd - kNames) / std::max(high - low, 1e-300);
  const double zero = kNames - low * scale;
  std::string out = open(34 + kRow * static_cast<double>(bars.size()), title);
  double y = 30;
  for (const Bar& b : bars) {
    const double value = std::isfinite(b.value) ? b.value : 0;
    const double width = std::abs(value) * scale;
    const std::string note = !std::isfinite(b.value) ? "no value" : b.note.empty() ? number_text(value) : b.note;
    out += fmt::format(
        "<g><title>{0}: {1}</title><text x=\"{2:.0f}\" y=\"{3:.1f}\" text-anchor=\"end\">{4}</text><rect class=\"f0\" "
        "x=\"{5:.1f}\" y=\"{6:.1f}\" width=\"{7:.1f}\" height=\"{8:.0f}\"/><text class=\"soft\" x=\"{9:.1f}\" "
        "y=\"{3:.1f}\">{1}</text></g>\n",
        escape_markup(b.name), escape_markup(note), kNames - 8, y + 11, escape_markup(fitted(b.name, kNames - 14)),
        value < 0 ? zero - width : zero, y, std::max(width, 0.5), kRow - 6, std::max(zero, zero + value * scale) + 6);
    y += kRow;
  }
  return out + "</svg>\n";
}

std::string heat_svg(const HeatMap& map) {
  std::size_t columns = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  for (const auto& row : map.values) {
    columns = std::max(columns, row.size());
    for (const double v : row) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (columns == 0 || low > high) return nothing(map.title);
  constexpr double kNames = 130;
  constexpr std::size_t kWritten = 20;
  const bool is_written = columns <= kWritten;
  const double cell_width = std::min(60.0, (kWidth - kNames - 20) / static_cast<double>(columns));
  const double cell_height = is_written ? std::clamp(400.0 / static_cast<double>(map.values.size()), 16.0, 34.0)
                                        : std::min(24.0, 400.0 / static_cast<double>(map.values.size()));
  const bool names_columns = !map.columns.empty();
  const double top = names_columns ? 66 : 48;
  std::string out = open(top + cell_height * static_cast<double>(map.values.size()) + 24, map.title);
  out += fmt::format("<text class=\"soft\" x=\"{:.0f}\" y=\"38\">{}</text>\n", kNames,
                     escape_markup(map.column_title + (map.column_title.empty() ? "" : " →")));
  out += fmt::format("<text class=\"soft\" x=\"8\" y=\"{:.0f}\">{}</text>\n", top - 6,
                     escape_markup(map.row_title + (map.row_title.empty() ? "" : " ↓")));
  for (std::size_t c = 0; c < columns && c < map.columns.size(); ++c) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\"><title>{}</title>{}</text>\n",
                       kNames + (static_cast<double>(c) + 0.5) * cell_width, top - 6, escape_markup(map.columns[c]),
                       escape_markup(fitted(map.columns[c], cell_width)));
  }
  for (std::size_t r = 0; r < map.values.size(); ++r) {
    const double y = top + static_cast<double>(r) * cell_height;
    const std::string row_name = r < map.rows.size() ? map.rows[r] : "";
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\"><title>{}</title>{}</text>\n", kNames - 6,
                       y + cell_height / 2 + 4, escape_markup(row_name), escape_markup(fitted(row_name, kNames - 12)));
    for (std::size_t c = 0; c < map.values[r].size(); ++c) {
      const double v = map.values[r][c];
      if (!std::isfinite(v)) continue;
      const double part = high > low ? (v - low) / (high - low) : 1;
      const double x = kNames + static_cast<double>(c) * cell_width;
      const std::string column_name = c < map.columns.size() ? map.columns[c] : std::to_string(c);
      out += fmt::format(
          "<rect class=\"heat\" fill-opacity=\"{:.2f}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
          "<title>{}, {}: {}</title></rect>",
          part, x, y, cell_width, cell_height, escape_markup(row_name.empty() ? std::to_string(r) : row_name),
          escape_markup(column_name), number_text(v));
      if (is_written) {
        out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", x + cell_width / 2,
                           y + cell_height / 2 + 4, number_text(v));
      }
      out += '\n';
    }
  }
  return out + "</svg>\n";
}

std::string flame_svg(const std::string& title, const std::string& unit, const std::vector<FlameNode>& nodes) {
  constexpr double kRow = 19;
  constexpr double kDeepest = 60;
  constexpr double kSide = 8;
  if (nodes.empty() || !(nodes[0].value > 0) || !std::isfinite(nodes[0].value)) return nothing(title);
  const double scale = (kWidth - 2 * kSide) / nodes[0].value;
  struct Place {
    double x = 0;
    double next = 0;  // where its next child begins
    double depth = 0;
    bool shown = false;
  };
  std::vector<Place> places(nodes.size());
  double deepest = 0;
  std::string boxes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Place& own = places[i];
    if (i > 0) {
      if (nodes[i].parent >= i || !places[nodes[i].parent].shown) continue;
      Place& parent = places[nodes[i].parent];
      own.x = parent.next;
      own.depth = parent.depth + 1;
      parent.next += nodes[i].value;
    }
    const double width = nodes[i].value * scale;
    if (!(width >= 0.8) || own.depth > kDeepest) continue;
    own.shown = true;
    own.next = own.x;
    deepest = std::max(deepest, own.depth);
    const double x = kSide + own.x * scale;
    const double y = 28 + own.depth * kRow;
    boxes += fmt::format(
        "<g><title>{}: {} {}, {:.2f}%</title><rect class=\"box f{}\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" "
        "height=\"{:.0f}\"/>",
        escape_markup(nodes[i].name), number_text(std::round(nodes[i].value)), escape_markup(unit),
        100 * nodes[i].value / nodes[0].value, i % kColours, x, y, width, kRow - 1);
    const std::string label = fitted(nodes[i].name, width - 6);
    if (!label.empty()) {
      boxes += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\">{}</text>", x + 4, y + 13, escape_markup(label));
    }
    boxes += "</g>\n";
  }
  return open(36 + (deepest + 1) * kRow, title) + boxes + "</svg>\n";
}

std::string box_svg(const Axes& axes, const std::vector<Box>& boxes) {
  double right = 0;
  double top = 0;
  for (const Box& b : boxes) {
    right = std::max(right, b.x + b.width);
    top = std::max(top, b.y + b.height);
  }
  if (boxes.empty() || !(right > 0) || !(top > 0) || !std::isfinite(right) || !std::isfinite(top)) {
    return nothing(axes.title);
  }
  const Plane plane{Scale(0, right, kLeft, kRight, false), Scale(0, top, kBottom, kTop, false)};
  std::string out = open(kBottom + 44, axes.title) + grid(plane, axes);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& b = boxes[i];
    const double x = plane.x.at(b.x);
    const double y = plane.y.at(b.y + b.height);
    const double width = plane.x.at(b.x + b.width) - x;
    const double height = plane.y.at(b.y) - y;
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    out += fmt::format(
        "<g><title>{}: {}</title><rect class=\"box f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"/>",
        escape_markup(b.name), escape_markup(b.note), i % kColours, x, y, width, height);
    const std::string label = height > 12 ? fitted(b.name, width - 6) : "";
    if (!label.empty()) {
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + 4, y + height / 2 + 4, escape_markup(label));
    }
    out += "</g>\n";
  }
  return out + "</svg>\n";
}

}  // namespace mote
