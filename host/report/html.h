// A page that is one file: sections, key figures, tables, figures and sound; light and dark, on screen and on paper.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/report/chart.h"

namespace mote {

struct HtmlTile {
  std::string label;
  std::string value;
  std::string note;  // small, below
};

// Cells are plain text. The first `left_columns` columns are aligned to the left, the others, figures, to the right.
struct HtmlTable {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;
  std::size_t left_columns = 1;
  bool last_is_total = false;
};

// Everything given is text and is escaped, but figures, which are SVG of host/report/chart.h (or of other trusted
// writers). The page loads nothing from anywhere and runs no script.
class HtmlPage {
 public:
  HtmlPage(std::string_view title, std::string_view subtitle);

  void section(std::string_view title);  // also an entry of the table of contents
  void paragraph(std::string_view text);
  void warning(std::string_view text);
  void preformatted(std::string_view text);
  void tiles(const std::vector<HtmlTile>& tiles);
  void table(const HtmlTable& table);
  void figure(std::string_view svg, std::string_view caption = "");
  void audio(std::string_view caption, std::span<const std::uint8_t> wav);
  void image(std::string_view caption, std::span<const std::uint8_t> png);
  // What stands between them is laid side by side where there is room.
  void begin_columns();
  void end_columns();
  void begin_column();  // several elements that stay together
  void end_column();
  // Opens and closes a part that is folded away on screen until its title is clicked.
  void begin_details(std::string_view title);
  void end_details();

  [[nodiscard]] std::string text() const;

 private:
  std::string title_;
  std::string subtitle_;
  std::vector<std::string> sections_;
  std::string body_;
  bool open_ = false;
};

}  // namespace mote
