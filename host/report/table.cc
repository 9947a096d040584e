// Layout of plain text tables.
#include "host/report/table.h"

#include <algorithm>

namespace mote {
namespace {

constexpr std::size_t kGap = 2;        // blanks between columns
constexpr std::size_t kMinShrunk = 8;  // a cut column keeps at least this
constexpr std::string_view kCut = "...";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  const std::size_t keep = width > kCut.size() ? width - kCut.size() : 0;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (!is_continuation(text[end]) && seen++ == keep) break;
  }
  return std::string(text.substr(0, end)) + std::string(kCut.substr(0, width));
}

}  // namespace

std::string grouped(std::int64_t value) {
  std::string out = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = out.size(); at > first + 3;) out.insert(at -= 3, ",");
  return out;
}

std::string Table::text(std::size_t max_width) const {
  std::vector<std::size_t> width;
  for (const Column& c : columns_) width.push_back(columns_of(c.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], columns_of(row[i]));
  }
  std::size_t total = kGap * (columns_.size() - 1);
  for (const std::size_t w : width) total += w;
  for (std::size_t i = 0; i < columns_.size() && total > max_width; ++i) {
    if (!columns_[i].may_shrink || width[i] <= kMinShrunk) continue;
    const std::size_t less = std::min(total - max_width, width[i] - kMinShrunk);
    width[i] -= less;
    total -= less;
  }
  const std::string rule = std::string(std::min(total, max_width), '-') + "\n";

  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cut_to(cell_of(i), width[i]);
      const std::string blanks(width[i] - columns_of(cell), ' ');
      text += columns_[i].align == Align::right ? blanks + cell : cell + blanks;
      text += std::string(kGap, ' ');
    }
    text = cut_to(text.substr(0, text.find_last_not_of(' ') + 1), max_width);
    out += text + "\n";
  };
  line([&](std::size_t i) { return columns_[i].title; });
  out += rule;
  for (const auto& row : rows_) {
    if (row.empty()) {
      out += rule;
    } else {
      line([&](std::size_t i) { return row[i]; });
    }
  }
  return out;
}

}  // namespace mote
