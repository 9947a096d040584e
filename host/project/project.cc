// Reads mote.toml against the table of settings.
#include "host/project/project.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "host/base/file.h"
#include "host/base/suggest.h"
#include "host/project/settings.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::string full_name(const Setting& s) { return fmt::format("{}.{}", s.section, s.key); }

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::flag: return "true or false";
    case SettingType::integer: return "a whole number";
    case SettingType::real: return "a number";
    case SettingType::text: return "a text in quotes";
    case SettingType::texts: return "a list of texts";
  }
  return "";
}

std::string remedy(const Setting& s) {
  if (!s.choices.empty()) {
    std::string list(s.choices);
    for (std::size_t at = list.find('|'); at != std::string::npos; at = list.find('|', at)) list.replace(at, 1, ", ");
    return "one of " + list;
  }
  if (std::isfinite(s.least)) return fmt::format("give {} from {} to {}", type_name(s.type), s.least, s.most);
  return fmt::format("give {}", type_name(s.type));
}

Error unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  std::string list;
  for (const std::string& k : known) list += (list.empty() ? "" : ", ") + k;
  return Error{fmt::format("unknown {} '{}'", kind, name), "",
               near.empty() ? fmt::format("known are: {}", list) : fmt::format("did you mean '{}'?", near)};
}

const Setting* find_setting(std::string_view section, std::string_view key) {
  const auto all = settings();
  const auto found = std::ranges::find_if(all, [&](const Setting& s) { return s.section == section && s.key == key; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

struct ProjectReader {
  using Value = Project::Value;

  static Result<Value> read(const Setting& s, const toml::node& node) {
    const Error wrong{fmt::format("'{}' must be {}", full_name(s), type_name(s.type)), "", remedy(s)};
    const auto in_range = [&](double v) { return v >= s.least && v <= s.most; };
    switch (s.type) {
      case SettingType::flag:
        if (const auto v = node.value_exact<bool>()) return Value{*v};
        return wrong;
      case SettingType::integer: {
        const auto v = node.value_exact<std::int64_t>();
        if (!v) return wrong;
        if (!in_range(static_cast<double>(*v))) return out_of_range(s, fmt::format("{}", *v));
        return Value{*v};
      }
      case SettingType::real: {
        const auto whole = node.value_exact<std::int64_t>();
        const auto v = whole ? std::optional<double>(static_cast<double>(*whole)) : node.value_exact<double>();
        if (!v) return wrong;
        if (!std::isfinite(*v) || !in_range(*v)) return out_of_range(s, fmt::format("{}", *v));
        return Value{*v};
      }
      case SettingType::text: {
        auto v = node.value_exact<std::string>();
        if (!v) return wrong;
        if (!s.choices.empty()) MOTE_TRY(check_choice(s, *v));
        return Value{*std::move(v)};
      }
      case SettingType::texts: {
        const toml::array* array = node.as_array();
        if (array == nullptr) return wrong;
        std::vector<std::string> list;
        for (const toml::node& element : *array) {
          auto v = element.value_exact<std::string>();
          if (!v) return wrong;
          list.push_back(*std::move(v));
        }
        return Value{std::move(list)};
      }
    }
    return wrong;
  }

  static Error out_of_range(const Setting& s, const std::string& value) {
    return Error{fmt::format("'{}' is {}, out of its range", full_name(s), value), "", remedy(s)};
  }

  static Status check_choice(const Setting& s, const std::string& value) {
    std::vector<std::string> choices;
    std::string_view rest = s.choices;
    while (true) {
      const std::size_t bar = rest.find('|');
      choices.emplace_back(rest.substr(0, bar));
      if (bar == std::string_view::npos) break;
      rest.remove_prefix(bar + 1);
    }
    if (std::ranges::find(choices, value) != choices.end()) return {};
    return unknown(fmt::format("value for {}", full_name(s)), value, choices);
  }

  static Status fill(Project& project, const toml::table& table, const std::string& where) {
    const auto at = [&](const auto& node) { return fmt::format("{}:{}", where, node.source().begin.line); };
    std::vector<std::string> sections;
    for (const SettingSection& s : setting_sections()) sections.emplace_back(s.name);
    for (const auto& [section, content] : table) {
      if (std::ranges::find(sections, section.str()) == sections.end()) {
        return unknown("section", section.str(), sections).in(at(section));
      }
      const toml::table* keys = content.as_table();
      if (keys == nullptr) {
        return Error{fmt::format("'{}' is a section, not a value", section.str()), at(section),
                     fmt::format("write [{}] and its keys below", section.str())};
      }
      for (const auto& [key, node] : *keys) {
        const Setting* setting = find_setting(section.str(), key.str());
        if (setting == nullptr) {
          std::vector<std::string> known;
          for (const Setting& s : settings()) {
            if (s.section == section.str()) known.emplace_back(s.key);
          }
          return unknown(fmt::format("key in [{}]", section.str()), key.str(), known).in(at(key));
        }
        auto value = read(*setting, node);
        if (!value.ok()) return std::move(value).error().in(at(key));
        const std::string name = full_name(*setting);
        project.values_[name] = std::move(value).value();
        project.stated_[name] = true;
      }
    }
    return {};
  }

  // Defaults are TOML too; one that cannot be read is a mistake in settings.cc, which a test would find.
  static Result<Project> defaults(const fs::path& folder) {
    Project project;
    project.folder_ = folder;
    for (const Setting& s : settings()) {
      const toml::table table = toml::parse(fmt::format("v = {}", s.fallback));
      MOTE_LET(value, read(s, *table.get("v")));
      project.values_[full_name(s)] = std::move(value);
    }
    return project;
  }
};

Result<Project> Project::open(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / kProjectFile : path;
  if (!fs::exists(file)) {
    return Error{
        "there is no such file", file.string(),
        fmt::format("make a project with: mote new {}", file.has_parent_path() ? file.parent_path().string() : ".")};
  }
  MOTE_LET(toml, read_text_file(file));
  auto project = parse(toml, file.has_parent_path() ? file.parent_path() : fs::path("."));
  if (!project.ok()) {
    Error error = std::move(project).error();
    if (error.where.starts_with(kProjectFile)) error.where.replace(0, kProjectFile.size(), file.string());
    return error;
  }
  return project;
}

Result<Project> Project::parse(std::string_view toml, const fs::path& folder) {
  MOTE_LET(project, ProjectReader::defaults(folder));
  try {
    const toml::table table = toml::parse(toml);
    MOTE_TRY(ProjectReader::fill(project, table, std::string(kProjectFile)));
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("{}:{}", kProjectFile, e.source().begin.line),
                 "`mote new` writes a file to start from"};
  }
  return project;
}

Status Project::set(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::size_t dot = assignment.substr(0, equals).find('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos) {
    return Error{fmt::format("'{}' is no setting", assignment), "", "write section.key=value"};
  }
  const std::string_view section = assignment.substr(0, dot);
  const std::string_view key = assignment.substr(dot + 1, equals - dot - 1);
  const std::string_view value = assignment.substr(equals + 1);
  const Setting* setting = find_setting(section, key);
  const bool bare = setting != nullptr && setting->type == SettingType::text && !value.starts_with('"');
  try {
    const toml::table table = toml::parse(bare ? fmt::format("[{}]\n{} = '{}'", section, key, value)
                                               : fmt::format("[{}]\n{} = {}", section, key, value));
    Status status = ProjectReader::fill(*this, table, "");
    if (status.ok()) return status;
    Error error = std::move(status).error();
    error.where = fmt::format("--set {}", assignment);
    return error;
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("--set {}", assignment), "write section.key=value"};
  }
}

template <class T>
const T& Project::get(std::string_view name) const {
  const auto found = values_.find(name);
  const T* value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
  if (value == nullptr) {
    fmt::print(stderr, "no setting '{}' of this type\n", name);
    std::abort();
  }
  return *value;
}

bool Project::flag(std::string_view name) const { return get<bool>(name); }
std::int64_t Project::integer(std::string_view name) const { return get<std::int64_t>(name); }
double Project::real(std::string_view name) const { return get<double>(name); }
const std::string& Project::text(std::string_view name) const { return get<std::string>(name); }
const std::vector<std::string>& Project::texts(std::string_view name) const {
  return get<std::vector<std::string>>(name);
}
bool Project::states(std::string_view name) const { return stated_.contains(name); }

std::string Project::canonical(std::string_view section) const {
  std::string out;
  for (const auto& [name, value] : values_) {
    if (!name.starts_with(section) || name.size() <= section.size() || name[section.size()] != '.') continue;
    const auto written = [](const auto& v) -> std::string {
      if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::vector<std::string>>) {
        std::string list;
        for (const std::string& s : v) list += fmt::format("{}:{},", s.size(), s);
        return list;
      } else {
        return fmt::format("{}", v);
      }
    };
    out += fmt::format("{}={}\n", name, std::visit(written, value));
  }
  return out;
}

std::string project_template() {
  std::string out = "# A mote project. Lines that are commented out show the defaults.\n";
  for (const SettingSection& section : setting_sections()) {
    out += fmt::format("\n# {}.\n[{}]\n", section.comment, section.name);
    for (const Setting& s : settings()) {
      if (s.section != section.name) continue;
      std::string note(s.comment);
      if (!s.choices.empty()) {
        note += fmt::format(" ({})", s.choices);
      } else if (std::isfinite(s.least)) {
        note += fmt::format(" ({} to {})", s.least, s.most);
      }
      out += fmt::format("# {}\n#{} = {}\n", note, s.key, s.fallback);
    }
  }
  return out;
}

Status create_project(const fs::path& folder) {
  const fs::path file = folder / kProjectFile;
  if (fs::exists(file)) return Error{"is there already", file.string(), "name another folder, or edit it"};
  return write_file(file, project_template());
}

}  // namespace mote
