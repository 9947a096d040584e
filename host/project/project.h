// A project: a folder with a mote.toml that says what is learned from what, and for which chip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/base/result.h"

namespace mote {

inline constexpr std::string_view kProjectFile = "mote.toml";

class Project {
 public:
  // `path` is the folder or its mote.toml. Errors: missing; not TOML; a section or key that is not known (with line and
  // the nearest one that is); a value of another type or out of its range.
  static Result<Project> open(const std::filesystem::path& path);
  // The same for text; `folder` is where paths in it begin.
  static Result<Project> parse(std::string_view toml, const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path data_folder() const { return folder_ / text("data.folder"); }
  // What commands make: checkpoints, models, reports.
  [[nodiscard]] std::filesystem::path build_folder() const { return folder_ / "build"; }

  // The value of "section.key", from the file or its default. A name that is not in settings.cc, or of another type, is
  // a mistake in the program and ends it.
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double real(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view name) const;
  // Whether the file states it.
  [[nodiscard]] bool states(std::string_view name) const;

  // One setting as --set section.key=value, value in TOML or a bare word. Errors as open().
  Status set(std::string_view assignment);

  // All settings of a section as text that is equal where they are equal: for checkpoints and hashes.
  [[nodiscard]] std::string canonical(std::string_view section) const;

 private:
  using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;
  friend struct ProjectReader;
  template <class T>
  [[nodiscard]] const T& get(std::string_view name) const;

  std::filesystem::path folder_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, bool, std::less<>> stated_;
};

// A mote.toml with every setting at its default, explained and commented out but for the sections.
[[nodiscard]] std::string project_template();

// Makes the folder and its mote.toml. Errors: there is one already; not writable.
Status create_project(const std::filesystem::path& folder);

}  // namespace mote
