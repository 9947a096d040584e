// The arena drawn over time: text for the terminal and README, SVG for the report.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "host/base/markup.h"
#include "host/plan/buffers.h"
#include "host/plan/plan.h"

namespace mote {
namespace {

// The end of a long name tells more than its beginning.
std::string shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : "..." + text.substr(text.size() - (most - 3));
}

}  // namespace

// Buffers with their places, by offset, then by time.
std::vector<PlacedBuffer> placed_buffers(const Program& program) {
  const Buffers buffers = find_buffers(program);
  std::vector<PlacedBuffer> rows;
  for (const Buffer& b : buffers.items) rows.push_back({b.name, -1, b.size_bytes, b.first, b.last});
  for (std::size_t t = 0; t < buffers.of_tensor.size(); ++t) {
    if (buffers.of_tensor[t] >= 0)
      rows[static_cast<std::size_t>(buffers.of_tensor[t])].offset_bytes = program.placement.tensor_offset[t];
  }
  for (std::size_t n = 0; n < buffers.of_scratch.size(); ++n) {
    if (buffers.of_scratch[n] >= 0)
      rows[static_cast<std::size_t>(buffers.of_scratch[n])].offset_bytes = program.placement.scratch_offset[n];
  }
  std::stable_sort(rows.begin(), rows.end(), [](const PlacedBuffer& a, const PlacedBuffer& b) {
    return std::pair(a.offset_bytes, a.first) < std::pair(b.offset_bytes, b.first);
  });
  return rows;
}

std::string placement_text(const Program& program) {
  const auto steps = static_cast<std::int64_t>(program.graph.nodes.size());
  std::string out =
      fmt::format("arena {} bytes, lower bound {} bytes; a column per step, '#' where the buffer is alive\n",
                  program.placement.arena_bytes, program.placement.lower_bound_bytes);
  for (const PlacedBuffer& row : placed_buffers(program)) {
    std::string line;
    for (std::int64_t s = -1; s <= steps; ++s) line += row.first <= s && s <= row.last ? '#' : '.';
    out += fmt::format("{:>8} {:>8}  {}  {}\n", row.offset_bytes, row.size_bytes, line, shortened(row.name, 48));
  }
  return out;
}

std::string placement_svg(const Program& program) {
  constexpr double kHeight = 480;
  constexpr double kLeft = 70;
  constexpr double kTop = 40;
  const auto columns = static_cast<double>(program.graph.nodes.size() + 2);
  const double column = std::clamp(900.0 / columns, 12.0, 60.0);
  const double scale = kHeight / static_cast<double>(std::max<std::int64_t>(1, program.placement.arena_bytes));
  const auto y_of = [&](std::int64_t offset) { return kTop + kHeight - static_cast<double>(offset) * scale; };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"{2:.0f}\" y=\"18\" font-size=\"14\">{3}: arena {4} bytes, lower bound {5} bytes</text>\n",
      kLeft + columns * column + 20, kTop + kHeight + 50, kLeft, escape_markup(program.graph.name),
      program.placement.arena_bytes, program.placement.lower_bound_bytes);
  for (int tick = 0; tick <= 4; ++tick) {
    const std::int64_t bytes = program.placement.arena_bytes * tick / 4;
    out += fmt::format(
        "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>"
        "<text x=\"{3:.0f}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        kLeft, kLeft + columns * column, y_of(bytes), kLeft - 6, y_of(bytes) + 4, bytes);
  }
  int hue = 0;
  for (const PlacedBuffer& row : placed_buffers(program)) {
    const double x = kLeft + static_cast<double>(row.first + 1) * column;
    const double width = static_cast<double>(row.last - row.first + 1) * column;
    const double height = static_cast<double>(row.size_bytes) * scale;
    const double y = y_of(row.offset_bytes + row.size_bytes);
    out += fmt::format(
        "<g><title>{0} ({1} bytes at {2}, steps {3} to {4})</title><rect x=\"{5:.1f}\" y=\"{6:.1f}\" width=\"{7:.1f}\" "
        "height=\"{8:.1f}\" fill=\"hsl({9},55%,72%)\" fill-opacity=\"0.75\" stroke=\"#444\" stroke-width=\"0.6\"/>",
        escape_markup(row.name), row.size_bytes, row.offset_bytes, row.first, row.last, x, y, width, height, hue);
    if (height > 13 && width > 40) {
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + 4, y + height / 2 + 4,
                         escape_markup(shortened(row.name, static_cast<std::size_t>(width / 6.5))));
    }
    out += "</g>\n";
    hue = (hue + 67) % 360;
  }
  for (std::size_t n = 0; n < program.graph.nodes.size(); ++n) {
    const double x = kLeft + (static_cast<double>(n) + 1.5) * column;
    out += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.0f}\" text-anchor=\"middle\"><title>{2}</title>{3}</text>\n", x,
                       kTop + kHeight + 16, escape_markup(program.graph.where(program.graph.nodes[n])), n);
  }
  out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">step (operator)</text>\n</svg>\n", kLeft, kTop + kHeight + 36);
  return out;
}

}  // namespace mote
