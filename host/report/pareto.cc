// Dominance, budgets, table and picture.
#include "host/report/pareto.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "host/base/markup.h"
#include "host/report/table.h"

namespace mote {
namespace {

struct Figure {
  const char* flag;
  const char* unit;
  std::int64_t ParetoPoint::* value;
  std::optional<std::int64_t> Budget::* limit;
};
constexpr std::array<Figure, 4> kFigures = {
    Figure{"--max-instructions", "instructions", &ParetoPoint::instructions, &Budget::instructions},
    Figure{"--max-cycles", "cycles", &ParetoPoint::cycles, &Budget::cycles},
    Figure{"--max-ram", "bytes of RAM", &ParetoPoint::ram_bytes, &Budget::ram_bytes},
    Figure{"--max-flash", "bytes of flash", &ParetoPoint::flash_bytes, &Budget::flash_bytes}};

// By what factor a point exceeds the limit it exceeds most; at most 1 when it fits.
double excess(const ParetoPoint& point, const Budget& budget) {
  double most = 0;
  for (const Figure& f : kFigures) {
    if (const auto& limit = budget.*(f.limit); limit) {
      most = std::max(most,
                      static_cast<double>(point.*(f.value)) / static_cast<double>(std::max<std::int64_t>(1, *limit)));
    }
  }
  return most;
}

double price(const ParetoPoint& p, Goal goal) {
  const auto instructions = static_cast<double>(p.instructions);
  const auto ram = static_cast<double>(p.ram_bytes);
  const auto flash = static_cast<double>(p.flash_bytes);
  switch (goal) {
    case Goal::latency: return instructions;
    case Goal::ram: return ram;
    case Goal::flash: return flash;
    case Goal::balanced: break;
  }
  return instructions * ram * flash;
}

Error nothing_fits(std::span<const ParetoPoint> points, const Budget& budget) {
  std::string what;
  for (const Figure& f : kFigures) {
    const auto& limit = budget.*(f.limit);
    if (!limit) continue;
    const auto least = std::min_element(points.begin(), points.end(), [&](const ParetoPoint& a, const ParetoPoint& b) {
      return a.*(f.value) < b.*(f.value);
    });
    if ((*least).*(f.value) <= *limit) continue;
    what += fmt::format("{}{} {}: the least found is {} {}, {} too many, with '{}'", what.empty() ? "" : "; ", f.flag,
                        grouped(*limit), grouped((*least).*(f.value)), f.unit, grouped((*least).*(f.value) - *limit),
                        least->name);
  }
  if (what.empty()) {
    const auto nearest = std::min_element(
        points.begin(), points.end(),
        [&](const ParetoPoint& a, const ParetoPoint& b) { return excess(a, budget) < excess(b, budget); });
    what = fmt::format("each limit can be kept, but not all at once; '{}' comes nearest", nearest->name);
    for (const Figure& f : kFigures) {
      const auto& limit = budget.*(f.limit);
      if (limit && (*nearest).*(f.value) > *limit) {
        what += fmt::format(", {} {} over {}", grouped((*nearest).*(f.value) - *limit), f.unit, f.flag);
      }
    }
  }
  return Error{"no way to compile it fits: " + what, "", "raise that limit, or give a smaller model"};
}

// Maps values to a stretch of pixels on a logarithmic scale with some room at both ends.
class Axis {
 public:
  Axis(std::span<const ParetoPoint> points, std::int64_t ParetoPoint::* value, double begin, double end)
      : begin_(begin), end_(end) {
    low_ = high_ = log_of(points.front().*value);
    for (const ParetoPoint& p : points) {
      low_ = std::min(low_, log_of(p.*value));
      high_ = std::max(high_, log_of(p.*value));
    }
    const double room = std::max(0.05, 0.1 * (high_ - low_));
    low_ -= room;
    high_ += room;
  }
  [[nodiscard]] double at(std::int64_t value) const {
    return begin_ + (log_of(value) - low_) / (high_ - low_) * (end_ - begin_);
  }
  // The i-th of five labelled values.
  [[nodiscard]] std::int64_t tick(int i) const { return std::llround(std::pow(10, low_ + (high_ - low_) * i / 4)); }

 private:
  static double log_of(std::int64_t value) { return std::log10(static_cast<double>(std::max<std::int64_t>(1, value))); }
  double begin_, end_, low_ = 0, high_ = 0;
};

}  // namespace

void mark_dominated(std::span<ParetoPoint> points) {
  const auto beats = [](const ParetoPoint& a, const ParetoPoint& b) {
    bool better = false;
    for (const Figure& f : kFigures) {
      if (a.*(f.value) > b.*(f.value)) return false;
      better = better || a.*(f.value) < b.*(f.value);
    }
    return better;
  };
  for (ParetoPoint& p : points) {
    p.dominated = std::any_of(points.begin(), points.end(), [&](const ParetoPoint& other) { return beats(other, p); });
  }
}

Result<std::size_t> choose(std::span<const ParetoPoint> points, Goal goal, const Budget& budget) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (excess(points[i], budget) > 1) continue;
    if (!best || price(points[i], goal) < price(points[*best], goal)) best = i;
  }
  if (!best) return nothing_fits(points, budget);
  return *best;
}

std::string pareto_table(std::span<const ParetoPoint> points, std::optional<std::size_t> chosen) {
  Table table({{"", Align::left},
               {"choice", Align::left, true},
               {"instructions", Align::right},
               {"cycles", Align::right},
               {"RAM", Align::right},
               {"flash", Align::right},
               {"", Align::left}});
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ParetoPoint& p = points[i];
    table.add({chosen == i ? "*" : "", p.name, grouped(p.instructions), grouped(p.cycles), grouped(p.ram_bytes),
               grouped(p.flash_bytes), p.dominated ? "another is as good in all" : ""});
  }
  return table.text(120);
}

std::string pareto_svg(const std::string& title, std::span<const ParetoPoint> points,
                       std::optional<std::size_t> chosen) {
  constexpr double kLeft = 80;
  constexpr double kRight = 860;
  constexpr double kTop = 50;
  constexpr double kBottom = 470;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"530\" viewBox=\"0 0 960 530\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"{}\" y=\"20\" font-size=\"14\">{}</text>\n"
      "<text x=\"{}\" y=\"36\" fill=\"#555\">both axes logarithmic; a dot's area is its flash; grey: another choice is "
      "as good in all figures and better in one</text>\n",
      kLeft, escape_markup(title), kLeft);
  if (points.empty()) return out + "</svg>\n";
  const Axis x(points, &ParetoPoint::instructions, kLeft, kRight);
  const Axis y(points, &ParetoPoint::ram_bytes, kBottom, kTop);
  for (int i = 0; i <= 4; ++i) {
    const double across = kLeft + (kRight - kLeft) * i / 4;
    const double up = kBottom + (kTop - kBottom) * i / 4;
    out += fmt::format(
        "<line x1=\"{0:.0f}\" x2=\"{0:.0f}\" y1=\"{1:.0f}\" y2=\"{2:.0f}\" stroke=\"#ddd\"/>"
        "<text x=\"{0:.0f}\" y=\"{3:.0f}\" text-anchor=\"middle\">{4}</text>"
        "<line x1=\"{5:.0f}\" x2=\"{6:.0f}\" y1=\"{7:.0f}\" y2=\"{7:.0f}\" stroke=\"#ddd\"/>"
        "<text x=\"{8:.0f}\" y=\"{9:.0f}\" text-anchor=\"end\">{10}</text>\n",
        across, kTop, kBottom, kBottom + 16, grouped(x.tick(i)), kLeft, kRight, up, kLeft - 6, up + 4,
        grouped(y.tick(i)));
  }
  out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">instructions per inference</text>\n",
                     (kLeft + kRight) / 2, kBottom + 36);
  out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">bytes of RAM</text>\n", 8.0, kTop - 6);
  std::int64_t most_flash = 1;
  for (const ParetoPoint& p : points) most_flash = std::max(most_flash, p.flash_bytes);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const ParetoPoint& p = points[i];
    const double radius = 18 * std::sqrt(static_cast<double>(p.flash_bytes) / static_cast<double>(most_flash));
    out += fmt::format(
        "<g><title>{0}: {1} instructions, {2} bytes of RAM, {3} of flash</title><circle cx=\"{4:.1f}\" cy=\"{5:.1f}\" "
        "r=\"{6:.1f}\" fill=\"{7}\" fill-opacity=\"0.6\" stroke=\"{8}\" stroke-width=\"{9}\"/><text x=\"{4:.1f}\" "
        "y=\"{10:.1f}\" text-anchor=\"middle\">{0}</text></g>\n",
        escape_markup(p.name), grouped(p.instructions), grouped(p.ram_bytes), grouped(p.flash_bytes),
        x.at(p.instructions), y.at(p.ram_bytes), radius, p.dominated ? "#bbb" : "#4a90d9",
        chosen == i ? "#d0021b" : "#444", chosen == i ? 3 : 1, y.at(p.ram_bytes) - radius - 4);
  }
  return out + "</svg>\n";
}

}  // namespace mote
