// One stylesheet, and the elements.
#include "host/report/html.h"

#include <fmt/format.h>

#include "host/base/markup.h"

namespace mote {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #ffffff; --card: #f5f7fa; --rule: #d9dfe7;
  --c0: #2f6fd0; --c1: #d9772b; --c2: #2f9e6e; --c3: #b8479e; --c4: #8a6d1f; --c5: #5a5fd6; --c6: #c23b3b; --c7: #3a98a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --paper: #14181e; --card: #1d232b;
  --rule: #343d49; --c0: #6ea8ff; --c1: #f0a060; --c2: #62cfa0; --c3: #e48ccf; --c4: #d0b45c; --c5: #9fa3ff;
  --c6: #f08080; --c7: #74cfdd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.2rem 4rem; max-width: 68rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .8rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
p { max-width: 46rem; }
.subtitle { color: var(--soft); margin: .3rem 0 1rem; overflow-wrap: anywhere; }
nav a { color: var(--c0); margin-right: 1rem; text-decoration: none; }
.warning { border-left: 4px solid var(--c1); background: var(--card); padding: .6rem .9rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.tile { background: var(--card); border-radius: .5rem; padding: .7rem 1rem; min-width: 9rem; flex: 1 1 9rem; }
.tile b { display: block; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span, .tile small, figcaption { color: var(--soft); font-size: .85rem; }
.tile small { display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .6rem 0; }
th, td { text-align: right; padding: .22rem .7rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th.l, td.l { text-align: left; }
tr.total td { font-weight: 600; border-top: 2px solid var(--soft); border-bottom: 0; }
pre { background: var(--card); padding: .8rem; overflow-x: auto; font-size: .82rem; }
figure { margin: 1rem 0; }
figure svg { width: 100%; height: auto; display: block; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0 1.6rem; }
.columns figure { margin: .5rem 0; } .columns audio { width: 100%; }
.columns svg text { font-size: 14px; } .columns svg .title { font-size: 18px; }
img { max-width: 100%; image-rendering: pixelated; }
summary { cursor: pointer; color: var(--c0); }
svg { font: 11px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .soft { fill: var(--soft); } svg .title { font-size: 14px; font-weight: 600; }
svg .rule { stroke: var(--rule); fill: none; } svg .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
svg .on { fill: #111; } svg .heat { fill: var(--c0); stroke: var(--rule); stroke-width: .5; }
svg .box { fill-opacity: .55; stroke: var(--ink); stroke-width: .5; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); }
.s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); } .s6 { stroke: var(--c6); } .s7 { stroke: var(--c7); }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
.f4 { fill: var(--c4); } .f5 { fill: var(--c5); } .f6 { fill: var(--c6); } .f7 { fill: var(--c7); }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --card: #f2f2f2; --rule: #bbb; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; } .scroll { overflow: visible; }
  figure, tr, .tiles { break-inside: avoid; } h2 { break-after: avoid; } audio { display: none; } }
)";

}  // namespace

HtmlPage::HtmlPage(std::string_view title, std::string_view subtitle)
    : title_(escape_markup(title)), subtitle_(escape_markup(subtitle)) {}

void HtmlPage::section(std::string_view title) {
  if (open_) body_ += "</section>\n";
  open_ = true;
  const std::string safe = escape_markup(title);
  body_ += fmt::format("<section id=\"s{}\">\n<h2>{}</h2>\n", sections_.size(), safe);
  sections_.push_back(safe);
}

void HtmlPage::paragraph(std::string_view text) { body_ += fmt::format("<p>{}</p>\n", escape_markup(text)); }

void HtmlPage::warning(std::string_view text) {
  body_ += fmt::format("<p class=\"warning\">{}</p>\n", escape_markup(text));
}

void HtmlPage::preformatted(std::string_view text) { body_ += fmt::format("<pre>{}</pre>\n", escape_markup(text)); }

void HtmlPage::tiles(const std::vector<HtmlTile>& tiles) {
  body_ += "<div class=\"tiles\">\n";
  for (const HtmlTile& t : tiles) {
    body_ +=
        fmt::format("<div class=\"tile\"><span>{}</span><b>{}</b>", escape_markup(t.label), escape_markup(t.value));
    if (!t.note.empty()) body_ += fmt::format("<small>{}</small>", escape_markup(t.note));
    body_ += "</div>\n";
  }
  body_ += "</div>\n";
}

void HtmlPage::table(const HtmlTable& table) {
  const auto cell = [&](std::string_view tag, std::size_t column, const std::string& text) {
    return fmt::format("<{}{}>{}</{}>", tag, column < table.left_columns ? " class=\"l\"" : "", escape_markup(text),
                       tag);
  };
  body_ += "<div class=\"scroll\"><table>\n<thead><tr>";
  for (std::size_t c = 0; c < table.titles.size(); ++c) body_ += cell("th", c, table.titles[c]);
  body_ += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    body_ += table.last_is_total && r + 1 == table.rows.size() ? "<tr class=\"total\">" : "<tr>";
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) body_ += cell("td", c, table.rows[r][c]);
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

void HtmlPage::figure(std::string_view svg, std::string_view caption) {
  body_ += fmt::format("<figure>{}", svg);
  if (!caption.empty()) body_ += fmt::format("<figcaption>{}</figcaption>", escape_markup(caption));
  body_ += "</figure>\n";
}

void HtmlPage::audio(std::string_view caption, std::span<const std::uint8_t> wav) {
  body_ += fmt::format(
      "<figure><audio controls preload=\"none\" src=\"data:audio/wav;base64,{}\"></audio><figcaption>{}</figcaption>"
      "</figure>\n",
      base64(wav), escape_markup(caption));
}

void HtmlPage::image(std::string_view caption, std::span<const std::uint8_t> png) {
  const std::string safe = escape_markup(caption);
  body_ +=
      fmt::format("<figure><img src=\"data:image/png;base64,{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>\n",
                  base64(png), safe, safe);
}

void HtmlPage::begin_columns() { body_ += "<div class=\"columns\">\n"; }
void HtmlPage::end_columns() { body_ += "</div>\n"; }
void HtmlPage::begin_column() { body_ += "<div>\n"; }
void HtmlPage::end_column() { body_ += "</div>\n"; }

void HtmlPage::begin_details(std::string_view title) {
  body_ += fmt::format("<details><summary>{}</summary>\n", escape_markup(title));
}

void HtmlPage::end_details() { body_ += "</details>\n"; }

std::string HtmlPage::text() const {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n<p class=\"subtitle\">{}</p>\n",
      title_, kStyle, title_, subtitle_);
  if (sections_.size() > 1) {
    out += "<nav>";
    for (std::size_t i = 0; i < sections_.size(); ++i) out += fmt::format("<a href=\"#s{}\">{}</a>", i, sections_[i]);
    out += "</nav>\n";
  }
  return out + body_ + (open_ ? "</section>\n" : "") + "</body>\n</html>\n";
}

}  // namespace mote
