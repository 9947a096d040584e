// A profile as a page: figures first, then every table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/report/html.h"
#include "host/report/profile.h"
#include "host/report/table.h"

namespace mote {
namespace {

std::string whole(double value) { return grouped(static_cast<std::int64_t>(std::llround(value))); }

class Writer {
 public:
  explicit Writer(const ProfileReport& report) : report_(report), n_(static_cast<double>(report.windows)) {}

  [[nodiscard]] HtmlTable table(const std::string& title, const std::vector<ProfileRow>& rows, std::size_t most) const {
    HtmlTable out{{title, "instructions", "cycles", "per instr.", "reads", "writes", "share"}, {}, 1, true};
    Cost rest;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i < most) {
        out.rows.push_back(row(rows[i].name, rows[i].cost));
      } else {
        rest += rows[i].cost;
      }
    }
    if (rows.size() > most) out.rows.push_back(row(fmt::format("({} more)", rows.size() - most), rest));
    out.rows.push_back(row("total", report_.total));
    return out;
  }

  [[nodiscard]] std::vector<std::string> row(const std::string& name, const Cost& c) const {
    const auto mean = [&](std::uint64_t count) { return whole(static_cast<double>(count) / n_); };
    return {name,
            mean(c.instructions),
            whole(c.cycles / n_),
            c.instructions == 0 ? "" : fmt::format("{:.2f}", c.cycles / static_cast<double>(c.instructions)),
            mean(c.reads),
            mean(c.writes),
            fmt::format("{:.1f}%", share(c))};
  }

  [[nodiscard]] double share(const Cost& c) const { return 100 * c.cycles / std::max(1.0, report_.total.cycles); }

  [[nodiscard]] std::vector<HtmlTile> tiles(const std::vector<HtmlTile>& more) const {
    std::vector<HtmlTile> out = {
        {"instructions", whole(static_cast<double>(report_.total.instructions) / n_),
         report_.windows > 1 ? fmt::format("mean of {} windows", report_.windows) : "exact"},
        {"cycles, estimated", whole(report_.total.cycles / n_),
         report_.band_percent > 0 ? fmt::format("give or take {:.0f}%", report_.band_percent) : "no band is known"}};
    if (report_.fetch_stalls > 0) {
      out.push_back({"of them waiting for code", whole(report_.fetch_stalls / n_), "wait states of the flash"});
    }
    if (report_.stack_bytes > 0) {
      out.push_back({"stack at most", whole(static_cast<double>(report_.stack_bytes)) + " bytes", "seen in this run"});
    }
    if (report_.arena_bytes > 0)
      out.push_back({"arena", whole(static_cast<double>(report_.arena_bytes)) + " bytes", ""});
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  [[nodiscard]] std::string flames() const {
    std::vector<FlameNode> nodes;
    std::map<std::uint64_t, std::size_t> at;
    for (const ProfileCall& call : report_.calls) {
      at[call.id] = nodes.size();
      const auto parent = at.find(call.parent);
      nodes.push_back({call.function, parent == at.end() ? 0 : parent->second, call.total.cycles / n_});
    }
    return flame_svg("Cycles by call", "cycles", nodes);
  }

  [[nodiscard]] std::string layer_bars() const {
    std::vector<Bar> bars;
    for (const ProfileRow& layer : report_.layers) {
      bars.push_back({layer.name, layer.cost.cycles / n_,
                      fmt::format("{} ({:.1f}%)", whole(layer.cost.cycles / n_), share(layer.cost))});
    }
    return bar_svg("Cycles by operator", bars);
  }

  [[nodiscard]] std::string arena() const {
    std::vector<Box> boxes;
    for (const ProfiledBuffer& b : report_.arena) {
      const auto offset = static_cast<double>(b.offset_bytes);
      const auto bytes = static_cast<double>(b.size_bytes);
      boxes.push_back({b.name, fmt::format("{} bytes at {}", b.size_bytes, b.offset_bytes), b.begin_cycles,
                       b.end_cycles - b.begin_cycles, offset, bytes});
    }
    return box_svg({"Arena over time", "cycles since the inference began", "bytes from the arena's begin"}, boxes);
  }

  [[nodiscard]] HtmlTable windows() const {
    HtmlTable out{{"window", "instructions", "cycles", "reads", "writes", "stack"}, {}, 1, false};
    for (std::size_t i = 0; i < report_.each.size(); ++i) {
      const auto& [cost, stack_bytes, is_rest] = report_.each[i];
      out.rows.push_back({fmt::format("{}{}", i + 1, is_rest ? " and all after it" : ""),
                          whole(static_cast<double>(cost.instructions)), whole(cost.cycles),
                          whole(static_cast<double>(cost.reads)), whole(static_cast<double>(cost.writes)),
                          whole(static_cast<double>(stack_bytes))});
    }
    return out;
  }

  [[nodiscard]] HtmlTable layers() const {
    HtmlTable out = table("operator", report_.layers, report_.layers.size());
    out.titles.insert(out.titles.begin() + 1, "kernel");
    out.left_columns = 2;
    const bool has_stack = !report_.layer_stack_bytes.empty();
    if (has_stack) out.titles.emplace_back("stack, bytes");
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      out.rows[i].insert(out.rows[i].begin() + 1, i < report_.layer_kernels.size() ? report_.layer_kernels[i] : "");
      if (!has_stack) continue;
      const bool is_layer = i < report_.layer_stack_bytes.size();
      out.rows[i].push_back(is_layer ? whole(static_cast<double>(report_.layer_stack_bytes[i])) : "");
    }
    return out;
  }

 private:
  const ProfileReport& report_;
  double n_;
};

}  // namespace

std::string profile_html(const ProfileReport& report, const std::vector<HtmlTile>& more) {
  constexpr std::size_t kRows = 60;
  const Writer writer(report);
  HtmlPage page("Where the cycles go", report.title);
  page.tiles(writer.tiles(more));
  page.paragraph(
      fmt::format("Instructions, reads and writes are counted. Cycles are estimated by the table '{}', which "
                  "rests on {}. Two runs give the same figures.",
                  report.timing, report.rests_on));
  if (report.band_percent == 0) page.warning("Nobody knows how far off these cycles are: the table states no band.");
  for (const std::string& note : report.notes) page.warning(note);
  if (!report.layers.empty()) {
    page.section("Operators");
    page.figure(writer.layer_bars());
    page.table(writer.layers());
  }
  if (!report.arena.empty()) {
    page.section("Memory");
    page.figure(writer.arena(),
                "A box is a tensor or scratch, while it is needed. Boxes that overlap share bytes on purpose.");
  }
  if (report.each.size() > 1) {
    page.section("Windows");
    std::vector<double> cycles;
    for (const WindowCost& w : report.each) {
      if (!w.is_rest) cycles.push_back(w.cost.cycles);
    }
    page.figure(line_svg({"Cycles by window", "window", "cycles"}, {{"cycles", {}, cycles}}));
    page.begin_details("every window");
    page.table(writer.windows());
    page.end_details();
  }
  page.section("Calls");
  page.figure(writer.flames(), "As wide as their cycles, with all that they call.");
  page.section("Functions");
  page.table(writer.table("function", report.functions, kRows));
  if (report.lines.size() > 1) {
    page.section("Lines");
    page.table(writer.table("line", report.lines, kRows));
  }
  page.section("Classes of instructions");
  page.table(writer.table("class", report.classes, kTimingClasses));
  return page.text();
}

}  // namespace mote
