// Import: plan, read, store.
#include "host/data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>

#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/suggest.h"
#include "host/data/read.h"

namespace mote::data {
namespace {

namespace fs = std::filesystem;

struct Item {
  fs::path file;
  std::string source;
  std::string label;
  std::string group;
  std::optional<Split> split;
  double start_s = 0;
  double end_s = 0;  // 0: its end
};

Kind kind_of(const Project& project) {
  const std::string& kind = project.text("data.kind");
  return kind == "series" ? Kind::series : kind == "image" ? Kind::image : Kind::sound;
}

Result<std::optional<std::regex>> compile(const std::string& pattern, const char* option) {
  if (pattern.empty()) return std::optional<std::regex>();
  try {
    std::regex out(pattern, std::regex::ECMAScript);
    if (out.mark_count() == 0) {
      return Error{fmt::format("{} '{}' has no group in parentheses", option, pattern), "", "for example '_([a-z]+)_'"};
    }
    return std::optional(std::move(out));
  } catch (const std::regex_error&) {
    return Error{fmt::format("{} '{}' is not a regular expression", option, pattern), "", "for example '_([a-z]+)_'"};
  }
}

// Says what an unlabelled file is, from where it lies.
class Namer {
 public:
  static Result<Namer> create(const ImportOptions& options) {
    Namer out(options);
    MOTE_LET(label, compile(options.label_pattern, "--label-pattern"));
    MOTE_LET(group, compile(options.group_pattern, "--group-pattern"));
    out.label_ = std::move(label);
    out.group_ = std::move(group);
    return out;
  }

  // Fills what the item does not state. Errors: no label to be found.
  Status name(Item& item) const {
    const std::string path = item.source;
    const std::string folder = item.file.parent_path().filename().string();
    if (item.label.empty()) item.label = options_.label;
    if (item.label.empty() && label_) {
      std::smatch match;
      if (!std::regex_search(path, match, *label_)) {
        return Error{"--label-pattern does not match its path", path, "widen the pattern"};
      }
      item.label = match[1];
    }
    const std::string stem = item.file.stem().string();
    const std::string ending = item.file.extension().string();
    if (item.label.empty() && (ending == ".json" || ending == ".cbor")) item.label = stem.substr(0, stem.find('.'));
    if (item.label.empty()) item.label = folder;
    if (item.label == "_background_noise_" || item.label == "_noise") item.label = kNoiseLabel;
    if (item.group.empty() && group_) {
      std::smatch match;
      if (std::regex_search(path, match, *group_)) item.group = match[1];
    }
    if (item.group.empty()) {
      const std::size_t speaker = stem.find("_nohash_");
      item.group = speaker != std::string::npos ? stem.substr(0, speaker) : item.source;
    }
    if (!item.split) item.split = options_.split;
    return {};
  }

 private:
  explicit Namer(const ImportOptions& options) : options_(options) {}
  const ImportOptions& options_;
  std::optional<std::regex> label_;
  std::optional<std::regex> group_;
};

std::vector<std::string> split_line(std::string_view line, char separator) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        out.back() += c, ++i;  // a doubled quote is one of the text
      } else {
        quoted = !quoted;
      }
    } else if (c == separator && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

Result<Split> parse_split(const std::string& text) {
  if (text == "train" || text == "training") return Split::train;
  if (text == "validation" || text == "valid" || text == "val" || text == "dev") return Split::validation;
  if (text == "test" || text == "testing") return Split::test;
  return Error{fmt::format("'{}' is no split", text), "", "train, validation or test"};
}

Result<std::vector<Item>> plan_manifest(const fs::path& manifest) {
  MOTE_LET(text, read_text_file(manifest));
  const char separator = manifest.extension() == ".tsv" ? '\t' : ',';
  std::vector<std::string> columns;
  std::vector<Item> items;
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto cells = split_line(rest.substr(0, end), separator);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (cells.size() == 1 && cells[0].empty()) continue;
    const std::string where = fmt::format("{}:{}", manifest.string(), number);
    if (columns.empty()) {
      columns = cells;
      const std::vector<std::string> known = {"path", "label", "split", "group", "start", "end"};
      for (const std::string& c : columns) {
        if (std::ranges::find(known, c) != known.end()) continue;
        const std::string near = nearest(c, known);
        return Error{fmt::format("unknown column '{}'", c.substr(0, 32)), where,
                     near.empty() ? "known are path, label, split, group, start, end (in seconds)"
                                  : fmt::format("did you mean '{}'?", near)};
      }
      if (std::ranges::find(columns, "path") == columns.end()) {
        return Error{"has no column 'path'", where, "the first line names the columns: path,label,..."};
      }
      continue;
    }
    if (cells.size() != columns.size()) {
      return Error{fmt::format("has {} cells for {} columns", cells.size(), columns.size()), where, ""};
    }
    Item& item = items.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string& c = cells[i];
      if (columns[i] == "path") {
        item.file = manifest.parent_path() / c;
        item.source = c;
      } else if (columns[i] == "label") {
        item.label = c;
      } else if (columns[i] == "group") {
        item.group = c;
      } else if (c.empty()) {
        continue;
      } else if (columns[i] == "split") {
        auto split = parse_split(c);
        if (!split.ok()) return std::move(split).error().in(where);
        item.split = split.value();
      } else {
        double& v = columns[i] == "start" ? item.start_s : item.end_s;
        const auto [stop, code] = std::from_chars(c.data(), c.data() + c.size(), v);
        if (code != std::errc() || stop != c.data() + c.size() || !std::isfinite(v) || v < 0) {
          return Error{fmt::format("{} is not a time in seconds", columns[i]), where, ""};
        }
      }
    }
    if (item.end_s != 0 && item.end_s <= item.start_s) return Error{"ends before it starts", where, ""};
  }
  return items;
}

// A text of paths, one a line. Tells a list from a series of numbers by its first line being a file.
Result<std::vector<Item>> plan_list(const fs::path& list) {
  MOTE_LET(text, read_text_file(list));
  std::vector<Item> items;
  for (const std::string& line : split_line(text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    Item& item = items.emplace_back();
    item.file = list.parent_path() / line;
    item.source = line;
  }
  return items;
}

// Edge Impulse's exports say in info.labels what the files beside it are.
Status read_info_labels(const fs::path& folder, std::map<fs::path, Item>& known) {
  const fs::path info = folder / "info.labels";
  if (!fs::exists(info)) return {};
  MOTE_LET(text, read_text_file(info));
  try {
    const nlohmann::json root = nlohmann::json::parse(text);
    for (const auto& f : root.at("files")) {
      Item item;
      const auto& label = f.at("label");
      item.label = label.is_string() ? label.get<std::string>() : label.value("label", "");
      const std::string category = f.value("category", "");
      if (category == "training" || category == "testing") {
        MOTE_LET(split, parse_split(category));
        item.split = split;
      }
      known[(folder / f.at("path").get<std::string>()).lexically_normal()] = item;
    }
  } catch (const nlohmann::json::exception&) {
    return Error{"is not a list of labels that can be read", info.string(), "export it again"};
  }
  return {};
}

Result<std::vector<Item>> plan_folder(const fs::path& folder, Kind kind, std::size_t& ignored) {
  std::vector<fs::path> files;
  std::map<fs::path, Item> known;
  std::error_code code;
  MOTE_TRY(read_info_labels(folder, known));
  for (auto it = fs::recursive_directory_iterator(folder, code); !code && it != fs::recursive_directory_iterator();
       it.increment(code)) {
    if (it->is_directory()) MOTE_TRY(read_info_labels(it->path(), known));
    if (!it->is_regular_file()) continue;
    const std::string name = it->path().filename().string();
    if (is_readable(it->path(), kind) && !name.starts_with('.')) {
      files.push_back(it->path());
    } else {
      ++ignored;
    }
  }
  if (code) return Error{fmt::format("cannot be read: {}", code.message()), folder.string(), ""};
  std::ranges::sort(files);
  std::vector<Item> items;
  const fs::path top = fs::absolute(folder).lexically_normal();
  const std::string name = (top.has_filename() ? top : top.parent_path()).filename().string();
  for (const fs::path& file : files) {
    const auto found = known.find(file.lexically_normal());
    Item& item = items.emplace_back(found == known.end() ? Item{} : found->second);
    item.file = file;
    item.source = (fs::path(name) / fs::relative(file, folder)).generic_string();
  }
  return items;
}

Result<std::vector<Item>> plan(const ImportOptions& options, Kind kind, std::size_t& ignored) {
  const fs::path& from = options.from;
  if (!fs::exists(from)) return Error{"there is no such file or folder", from.string(), ""};
  if (fs::is_directory(from)) return plan_folder(from, kind, ignored);
  if (from.extension() == ".csv" || from.extension() == ".tsv") {
    MOTE_LET(text, read_text_file(from));
    const std::string first = text.substr(0, text.find('\n'));
    const auto columns = split_line(first, from.extension() == ".tsv" ? '\t' : ',');
    // Of a series, a table is a manifest only when it says so.
    if (kind != Kind::series || std::ranges::find(columns, "path") != columns.end()) return plan_manifest(from);
  }
  if (from.extension() == ".txt" && kind != Kind::series) return plan_list(from);
  Item item;
  item.file = from;
  item.source = from.filename().string();
  return std::vector<Item>{item};
}

// The stretch of a recording that an item names, in steps.
Result<Content> cut(const Content& whole, double start_s, double end_s) {
  if (start_s == 0 && end_s == 0) return whole;
  if (whole.rate_hz <= 0) return Error{"has no known rate to cut by time", "", "give --rate"};
  const auto at = [&](double s) {
    return std::min(whole.steps, static_cast<std::size_t>(std::llround(s * whole.rate_hz)));
  };
  const std::size_t first = at(start_s);
  const std::size_t last = end_s == 0 ? whole.steps : at(end_s);
  if (first >= last) return Error{fmt::format("lasts only {:.3f} s", whole.seconds()), "", "correct start and end"};
  Content out;
  out.kind = whole.kind, out.rate_hz = whole.rate_hz, out.channels = whole.channels, out.steps = last - first;
  const auto from = [&](const auto& values, auto& to) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first * whole.channels);
    to.assign(begin, begin + static_cast<std::ptrdiff_t>(out.steps * whole.channels));
  };
  if (whole.kind == Kind::sound) from(whole.sound, out.sound);
  if (whole.kind == Kind::series) from(whole.series, out.series);
  return out;
}

struct Piece {
  Content content;
  std::string suffix;  // of its source: where it begins
};

struct Read {
  std::vector<Piece> pieces;
  Repairs repairs;
  std::optional<Error> error;
};

Read read_item(const Item& item, const ImportOptions& options, Kind kind, const ReadOptions& how) {
  Read out;
  auto recording = read_recording(item.file, kind, how);
  if (!recording.ok()) {
    out.error = recording.error();
    return out;
  }
  out.repairs = recording.value().repairs;
  auto content = cut(recording.value().content, item.start_s, item.end_s);
  if (!content.ok()) {
    out.error = content.error();
    return out;
  }
  const std::string at = item.start_s > 0 ? fmt::format("@{}s", item.start_s) : "";
  if (options.window_ms <= 0 || kind == Kind::image) {
    out.pieces.push_back({std::move(content).value(), at});
    return out;
  }
  const Content& whole = content.value();
  if (whole.rate_hz <= 0) {
    out.error = Error{"has no known rate to cut windows by", "", "give --rate"};
    return out;
  }
  const double window = options.window_ms / 1000;
  const double stride = options.stride_ms > 0 ? options.stride_ms / 1000 : window;
  // Half a step of leeway: times in decimal fractions do not fall on steps exactly.
  for (std::size_t i = 0; static_cast<double>(i) * stride + window <= whole.seconds() + 0.5 / whole.rate_hz; ++i) {
    const double start = static_cast<double>(i) * stride;
    auto piece = cut(whole, start, start + window);
    if (!piece.ok()) break;
    out.pieces.push_back({std::move(piece).value(), fmt::format("@{:.3f}s", item.start_s + start)});
  }
  if (out.pieces.empty()) {
    out.error = Error{fmt::format("lasts {:.3f} s, shorter than a window", whole.seconds()), "", ""};
  }
  return out;
}

}  // namespace

Result<ImportReport> import_data(const Project& project, const ImportOptions& options, const Progress& progress) {
  const Kind kind = kind_of(project);
  ImportReport report;
  MOTE_LET(namer, Namer::create(options));
  MOTE_LET(items, plan(options, kind, report.ignored));
  if (items.empty()) {
    return Error{
        fmt::format("holds nothing to import as {}", project.text("data.kind")), options.from.string(),
        "sound is .wav .flac .ogg, series .csv .txt .npy, image .png .jpg .bmp; data.kind in mote.toml chooses"};
  }
  for (Item& item : items) MOTE_TRY(namer.name(item));
  report.files = items.size();

  ReadOptions how;
  how.rate_hz = static_cast<double>(project.integer("data.sample_rate_hz"));
  how.max_s = static_cast<double>(project.integer("data.max_s"));
  how.series_rate_hz = options.series_rate_hz;
  how.key = options.key;
  const double min_s = static_cast<double>(project.integer("data.min_ms")) / 1000;
  MOTE_LET(store, Store::open(project.data_folder(), true));
  MOTE_TRY(store.begin());
  constexpr std::size_t kPerCommit = 256;

  const auto put = [&](std::size_t i, Read read) -> Status {
    const Item& item = items[i];
    if (progress) progress(i + 1, items.size());
    if (read.error) {
      std::string what = read.error->what;
      if (!read.error->where.empty()) what = read.error->where + " " + what;
      report.broken.push_back({item.source, what});
      return {};
    }
    if (read.repairs.mixed) ++report.mixed;
    if (read.repairs.resampled) ++report.resampled;
    if (read.repairs.was_narrow) ++report.narrow;
    if (read.repairs.clipped > 0) ++report.clipped;
    if (read.repairs.unverified) ++report.unverified;
    for (const Piece& piece : read.pieces) {
      if (kind == Kind::sound && piece.content.seconds() < min_s) {
        report.too_short.push_back({item.source, fmt::format("lasts {:.3f} s", piece.content.seconds())});
        continue;
      }
      Record record;
      record.label = item.label, record.group = item.group, record.split = item.split;
      record.origin = options.origin, record.source = item.source + piece.suffix;
      std::string other;
      MOTE_LET(what, store.put(record, piece.content, &other));
      if (what == Put::added) {
        ++report.added;
        ++report.labels[item.label];
        report.seconds += piece.content.seconds();
      } else if (what == Put::duplicate) {
        ++report.duplicates;
      } else {
        report.conflicts.push_back(
            {record.source, fmt::format("is labelled '{}', but the same content is there as '{}'", item.label, other)});
      }
    }
    if ((i + 1) % kPerCommit == 0) {
      MOTE_TRY(store.commit());
      MOTE_TRY(store.begin());
    }
    return {};
  };
  const Status status =
      parallel_ordered<Read>(items.size(), [&](std::size_t i) { return read_item(items[i], options, kind, how); }, put);
  const Status committed = store.commit();
  MOTE_TRY(status);
  MOTE_TRY(committed);
  return report;
}

}  // namespace mote::data
