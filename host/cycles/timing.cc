// Reads timing tables.
#include "host/cycles/timing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "host/base/file.h"
#include "host/base/resources.h"
#include "host/base/suggest.h"

namespace mote {
namespace {

constexpr std::string_view kFolder = "ports/timing/";
constexpr std::string_view kSuffix = ".toml";
constexpr double kMost = 1000;

const std::map<std::string_view, double TimingRules::*>& rule_fields() {
  static const std::map<std::string_view, double TimingRules::*> kFields = {
      {"load_tail", &TimingRules::load_tail},
      {"store_tail", &TimingRules::store_tail},
      {"store_then_load", &TimingRules::store_then_load},
      {"after_register_store", &TimingRules::after_register_store},
      {"write_back_chain", &TimingRules::write_back_chain},
      {"address_early", &TimingRules::address_early},
      {"address_after_load", &TimingRules::address_after_load},
      {"shifted_early", &TimingRules::shifted_early},
      {"multiply_early", &TimingRules::multiply_early},
      {"stored_late", &TimingRules::stored_late},
      {"accumulated_late", &TimingRules::accumulated_late},
      {"it_folds", &TimingRules::it_folds},
      {"refill_immediate", &TimingRules::refill_immediate},
      {"refill_register", &TimingRules::refill_register},
      {"refill_load", &TimingRules::refill_load},
      {"refill_loop", &TimingRules::refill_loop},
      {"refill_wide", &TimingRules::refill_wide},
      {"flags_then_taken", &TimingRules::flags_then_taken},
      {"mispredicted", &TimingRules::mispredicted},
      {"loops_mispredicted", &TimingRules::loops_mispredicted},
      {"flags_late", &TimingRules::flags_late},
      {"unaligned", &TimingRules::unaligned},
      {"pairs_narrow", &TimingRules::pairs_narrow},
      {"pairs_units", &TimingRules::pairs_units}};
  return kFields;
}

std::optional<TimingClass> class_named(std::string_view name) {
  for (std::size_t i = 0; i < kTimingClasses; ++i) {
    if (name_of(static_cast<TimingClass>(i)) == name) return static_cast<TimingClass>(i);
  }
  return std::nullopt;
}

// Reads one table; the first error is kept.
class TimingReader {
 public:
  TimingReader(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  Result<TimingTable> read() {
    for (const auto& [key, value] : table_) {
      static const std::vector<std::string> kKnown = {"description", "architecture", "cores",     "band_percent",
                                                      "rests_on",    "classes",      "conflicts", "rules"};
      if (std::ranges::find(kKnown, std::string(key.str())) == kKnown.end()) {
        fail(fmt::format("'{}' is not a key here", key.str()));
      }
    }
    out_.description = text(table_, "description");
    out_.architecture = text(table_, "architecture");
    out_.rests_on = text(table_, "rests_on");
    out_.band_percent = number(table_, "band_percent").value_or(0);
    if (out_.architecture != "thumb" && out_.architecture != "riscv") {
      fail(fmt::format("'architecture' is '{}', expected thumb or riscv", out_.architecture));
    }
    out_.cores = texts("cores");
    out_.conflicts = texts("conflicts");
    classes();
    rules();
    if (error_) return *std::move(error_);
    return std::move(out_);
  }

 private:
  void fail(std::string what) {
    if (!error_) error_ = Error{std::move(what), where_, "see docs/guides/profile.md"};
  }
  std::string text(const toml::table& table, std::string_view key) {
    const auto value = table[key].value<std::string>();
    if (!value) fail(fmt::format("'{}' must be a string", key));
    return value.value_or("");
  }
  std::optional<double> number(const toml::table& table, std::string_view key) {
    if (!table.contains(key)) return std::nullopt;
    const auto value = table[key].value<double>();
    if (!value || !(*value >= 0 && *value <= kMost)) {
      fail(fmt::format("'{}' must be a number from 0 to {}", key, kMost));
      return std::nullopt;
    }
    return value;
  }
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    if (!table_.contains(key)) return out;
    const toml::array* array = table_[key].as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
      out.push_back((*array)[i].value_or(std::string()));
    return out;
  }
  void source(const toml::table& line, std::string_view key) {
    std::string from = text(line, "source");
    if (from.empty()) fail(fmt::format("'{}' names no source", key));
    if (std::ranges::find(out_.sources, from) == out_.sources.end()) out_.sources.push_back(std::move(from));
  }
  // "alu dsp" = { cycles = 1, source = "..." }
  void classes() {
    const toml::table* lines = table_["classes"].as_table();
    if (lines == nullptr) return fail("'classes' must be a table");
    std::array<bool, kTimingClasses> seen{};
    for (const auto& [key, value] : *lines) {
      const toml::table* line = value.as_table();
      if (line == nullptr) return fail(fmt::format("'{}' must be a table", key.str()));
      ClassTiming timing;
      timing.cycles = number(*line, "cycles").value_or(1);
      timing.per_word = number(*line, "per_word").value_or(0);
      timing.latency = number(*line, "latency").value_or(0);
      timing.busy = number(*line, "busy").value_or(0);
      timing.unit = line->contains("unit") ? text(*line, "unit") : "";
      source(*line, key.str());
      std::istringstream names{std::string(key.str())};
      for (std::string name; names >> name;) {
        const auto timing_class = class_named(name);
        if (!timing_class) return fail(fmt::format("'{}' is not a class of instructions", name));
        if (std::exchange(seen[static_cast<std::size_t>(*timing_class)], true)) {
          return fail(fmt::format("class '{}' stands twice", name));
        }
        out_.classes[static_cast<std::size_t>(*timing_class)] = timing;
      }
    }
  }
  void rules() {
    const toml::table* lines = table_["rules"].as_table();
    if (lines == nullptr) return fail("'rules' must be a table");
    for (const auto& [key, value] : *lines) {
      const auto field = rule_fields().find(key.str());
      const toml::table* line = value.as_table();
      if (field == rule_fields().end()) return fail(fmt::format("'{}' is not a rule", key.str()));
      if (line == nullptr) return fail(fmt::format("'{}' must be a table", key.str()));
      out_.rules.*(field->second) = number(*line, "cycles").value_or(0);
      source(*line, key.str());
    }
  }

  const toml::table& table_;
  std::string where_;
  TimingTable out_;
  std::optional<Error> error_;
};

Result<TimingTable> read_timing(std::string_view text, std::string name, const std::string& where) {
  try {
    const toml::table table = toml::parse(text, where);
    MOTE_LET(out, TimingReader(table, where).read());
    out.name = std::move(name);
    return out;
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("{}:{}", where, e.source().begin.line),
                 "see docs/guides/profile.md"};
  }
}

}  // namespace

bool TimingTable::conflict(const std::string& a, const std::string& b) const {
  return std::ranges::any_of(conflicts, [&](const std::string& c) { return c == a + " " + b || c == b + " " + a; });
}

std::vector<std::string> timing_names() {
  std::vector<std::string> out;
  for (const Resource& r : resource_table()) {
    if (!r.path.starts_with(kFolder) || !r.path.ends_with(kSuffix)) continue;
    out.emplace_back(r.path.substr(kFolder.size(), r.path.size() - kFolder.size() - kSuffix.size()));
  }
  std::ranges::sort(out);
  return out;
}

Result<TimingTable> load_timing(std::string_view name_or_path) {
  if (name_or_path.ends_with(kSuffix)) {
    MOTE_LET(text, read_text_file(std::filesystem::path(name_or_path)));
    return read_timing(text, std::string(name_or_path), std::string(name_or_path));
  }
  for (const std::string& name : timing_names()) {
    const std::string path = fmt::format("{}{}{}", kFolder, name, kSuffix);
    MOTE_LET(table, read_timing(find_resource(path).value_or(""), name, path));
    if (name == name_or_path || std::ranges::find(table.cores, name_or_path) != table.cores.end()) {
      return table;
    }
  }
  const std::string near = nearest(name_or_path, timing_names());
  return Error{fmt::format("no timing table for '{}'", name_or_path), "",
               fmt::format("{}known: {}", near.empty() ? "" : fmt::format("did you mean '{}'? ", near),
                           fmt::join(timing_names(), ", "))};
}

}  // namespace mote
