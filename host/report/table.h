// Plain text tables with fitted columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
  bool may_shrink = false;  // cut with "..." where the table would be too wide; leftmost first
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell per column. UTF-8, one line; a code point counts as one column wide.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void add_rule() { rows_.emplace_back(); }

  // Titles, a rule, rows; every line ends in '\n', has no trailing blanks and at most max_width columns.
  [[nodiscard]] std::string text(std::size_t max_width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "2,656,768"
[[nodiscard]] std::string grouped(std::int64_t value);

}  // namespace mote
