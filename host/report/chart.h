// Figures as SVG for HTML pages: they take their colours and fonts from the page's stylesheet (host/report/html.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mote {

// All texts are escaped. Values that are no finite numbers are left out; a figure without any says so.

struct Series {
  std::string name;
  std::vector<double> x;  // empty: 0, 1, 2, ...
  std::vector<double> y;
};

struct Axes {
  std::string title;
  std::string x;  // with its unit
  std::string y;
  bool log_x = false;  // then only positive values are drawn
  bool log_y = false;
};

// Lines through the points of each series, in their order. Long series are thinned to their extremes.
[[nodiscard]] std::string line_svg(const Axes& axes, const std::vector<Series>& series);

// A dot for each point; its tooltip is labels[series][point] where that is there.
[[nodiscard]] std::string scatter_svg(const Axes& axes, const std::vector<Series>& series,
                                      const std::vector<std::vector<std::string>>& labels = {});

struct Bar {
  std::string name;
  double value = 0;
  std::string note;  // written behind the bar; empty: the value
};
// One horizontal bar for each row, from zero.
[[nodiscard]] std::string bar_svg(const std::string& title, const std::vector<Bar>& bars);

// values[row][column], darker for more; a table of up to 20 columns shows its values.
struct HeatMap {
  std::string title;
  std::string row_title;
  std::string column_title;
  std::vector<std::string> rows;     // names; may be empty
  std::vector<std::string> columns;  // names; may be empty
  std::vector<std::vector<double>> values;
};
[[nodiscard]] std::string heat_svg(const HeatMap& map);

// A call, or any other part of a whole. Parents come before their children.
struct FlameNode {
  std::string name;
  std::size_t parent = 0;  // index; the first node is the root
  double value = 0;        // with all children
};
// Boxes as wide as their values, children below parents; what is narrower than a pixel is left out.
[[nodiscard]] std::string flame_svg(const std::string& title, const std::string& unit,
                                    const std::vector<FlameNode>& nodes);

// A box in a plane of two quantities, such as a buffer in steps and bytes.
struct Box {
  std::string name;
  std::string note;  // of the tooltip
  double x = 0;
  double width = 0;
  double y = 0;
  double height = 0;
};
// Boxes that may overlap, from zero on.
[[nodiscard]] std::string box_svg(const Axes& axes, const std::vector<Box>& boxes);

}  // namespace mote
