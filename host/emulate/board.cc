// Reads board and core descriptions.
#include "host/emulate/board.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <filesystem>
#include <set>

#include "host/base/file.h"
#include "host/base/resources.h"
#include "host/base/suggest.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kBoards = "ports/boards/";
constexpr std::string_view kCores = "ports/mcu/";
constexpr std::string_view kBoardFile = "board.toml";
constexpr std::string_view kFamilyFile = "family.toml";

// A TOML table whose keys must all be known; the first error is kept, so that reading is a list of lines.
class Reader {
 public:
  Reader(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  std::string text(std::string_view key, bool required = true) {
    return get<std::string>(key, "a string", required).value_or("");
  }
  std::uint64_t number(std::string_view key, std::uint64_t smallest, std::uint64_t largest) {
    const auto value = get<std::int64_t>(key, "a number", true);
    if (!value) return smallest;
    if (*value < 0 || static_cast<std::uint64_t>(*value) < smallest || static_cast<std::uint64_t>(*value) > largest) {
      fail(fmt::format("'{}' is {:#x}, expected {:#x} to {:#x}", key, *value, smallest, largest));
      return smallest;
    }
    return static_cast<std::uint64_t>(*value);
  }
  std::vector<std::string> texts(std::string_view key) {
    known_.emplace(key);
    std::vector<std::string> out;
    const toml::array* array = table_[key].as_array();
    if (array == nullptr) fail(fmt::format("'{}' must be a list of strings", key));
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto value = (*array)[i].value<std::string>();
      if (!value) fail(fmt::format("'{}' must be a list of strings", key));
      out.push_back(value.value_or(""));
    }
    return out;
  }
  // The table under `key`, or null when absent.
  const toml::table* table(std::string_view key) {
    known_.emplace(key);
    if (table_.contains(key) && table_[key].as_table() == nullptr) fail(fmt::format("'{}' must be a table", key));
    return table_[key].as_table();
  }
  [[nodiscard]] Reader inner(const toml::table& table, std::string_view key) const {
    return {table, fmt::format("{}: [{}]", where_, key)};
  }
  void fail(std::string what) {
    if (!error_) error_ = Error{std::move(what), where_, "see docs/boards.md"};
  }
  void take(Reader inner) {
    if (Status status = std::move(inner).finish(); !status.ok() && !error_) error_ = std::move(status).error();
  }
  Status finish() && {
    for (const auto& [key, value] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      const std::string near = nearest(key.str(), {known_.begin(), known_.end()});
      fail(fmt::format("'{}' is not a key here{}", key.str(),
                       near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    if (error_) return *std::move(error_);
    return {};
  }

 private:
  template <class T>
  std::optional<T> get(std::string_view key, std::string_view kind, bool required) {
    known_.emplace(key);
    const auto value = table_[key].value_exact<T>();
    if (!value && (required || table_.contains(key))) fail(fmt::format("'{}' must be {}", key, kind));
    return value;
  }

  const toml::table& table_;
  std::string where_;
  std::set<std::string> known_;
  std::optional<Error> error_;
};

Result<toml::table> parse(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text, where);
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("{}:{}", where, e.source().begin.line),
                 "see docs/boards.md"};
  }
}

// The <x> of every embedded prefix<x>suffix.
std::vector<std::string> names_between(std::string_view prefix, std::string_view suffix) {
  std::vector<std::string> out;
  for (const Resource& r : resource_table()) {
    if (!r.path.starts_with(prefix) || !r.path.ends_with(suffix)) continue;
    out.emplace_back(r.path.substr(prefix.size(), r.path.size() - prefix.size() - suffix.size()));
  }
  std::ranges::sort(out);
  return out;
}

Error unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  return {
      fmt::format("unknown {} '{}'", kind, name), "",
      fmt::format("{}known: {}", near.empty() ? "" : fmt::format("did you mean '{}'? ", near), fmt::join(known, ", "))};
}

Region read_region(Reader& memory, const toml::table* table, std::string_view key) {
  constexpr std::uint64_t kSpace = std::uint64_t{1} << 32;
  constexpr std::uint64_t kSmallest = 1024;
  if (table == nullptr) {
    memory.fail(fmt::format("'{}' is missing", key));
    return {};
  }
  Reader reader = memory.inner(*table, key);
  Region region;
  region.origin = reader.number("origin", 0, kSpace - kSmallest);
  region.bytes = reader.number("bytes", kSmallest, kSpace);
  if (region.bytes > kSpace - region.origin) reader.fail("the region ends beyond 4 GB");
  if (region.origin % 16 != 0) reader.fail("'origin' must be a multiple of 16");
  memory.take(std::move(reader));
  return region;
}

Result<Board> read_board(std::string_view text, std::string name, const std::string& where) {
  MOTE_LET(table, parse(text, where));
  Reader reader(table, where);
  Board board;
  board.name = std::move(name);
  board.description = reader.text("description");
  board.notes = reader.text("notes", false);
  const std::string core = reader.text("core");
  const toml::table* memory = reader.table("memory");
  const toml::table* emulator = reader.table("emulator");
  if (memory != nullptr) {
    Reader regions = reader.inner(*memory, "memory");
    const toml::table* flash = regions.table("flash");
    const toml::table* ram = regions.table("ram");
    board.flash = read_region(regions, flash, "flash");
    board.ram = read_region(regions, ram, "ram");
    if (board.flash->origin < board.ram->origin + board.ram->bytes &&
        board.ram->origin < board.flash->origin + board.flash->bytes) {
      regions.fail("flash and ram overlap");
    }
    reader.take(std::move(regions));
    constexpr std::uint64_t kSmallestStack = 512;
    board.stack_bytes = reader.number("stack_bytes", kSmallestStack, std::max(board.ram->bytes, kSmallestStack));
  }
  if (emulator != nullptr) {
    Reader program = reader.inner(*emulator, "emulator");
    board.emulator = Emulator{program.text("program"), program.text("package"), program.texts("arguments")};
    reader.take(std::move(program));
  }
  MOTE_TRY(std::move(reader).finish());
  auto loaded = load_core(core);
  if (!loaded.ok()) return std::move(loaded).error().in(where);
  board.core = std::move(loaded).value();
  const bool is_chip = !board.core.sections.empty();
  if (is_chip != board.flash.has_value() || is_chip != board.emulator.has_value()) {
    return Error{fmt::format("core '{}' needs {}", core,
                             is_chip ? "[memory] and [emulator]" : "neither [memory] nor [emulator]"),
                 where, "see docs/boards.md"};
  }
  return board;
}

}  // namespace

std::vector<std::string> board_names() { return names_between(kBoards, fmt::format("/{}", kBoardFile)); }

std::vector<std::string> core_names() {
  std::vector<std::string> out;
  for (const std::string& path : names_between(kCores, ".toml")) {
    std::string name = path.substr(path.find('/') + 1);
    if (name != "family") out.push_back(std::move(name));
  }
  std::ranges::sort(out);
  return out;
}

Result<Core> load_core(std::string_view name) {
  for (const std::string& path : names_between(kCores, ".toml")) {
    const std::size_t slash = path.find('/');
    if (path.substr(slash + 1) != name || name == "family") continue;
    Core core;
    core.name = name;
    core.family = path.substr(0, slash);
    const std::string family_path = fmt::format("{}{}/{}", kCores, core.family, kFamilyFile);
    const std::string core_path = fmt::format("{}{}.toml", kCores, path);
    MOTE_LET(family_table, parse(find_resource(family_path).value_or(""), family_path));
    MOTE_LET(core_table, parse(find_resource(core_path).value_or(""), core_path));
    Reader family(family_table, family_path);
    core.compiler = family.text("compiler");
    core.package = family.text("package");
    core.header_package = family.text("header_package");
    core.flags = family.texts("flags");
    core.link_flags = family.texts("link_flags");
    core.sources = family.texts("sources");
    core.sections = family.text("sections", false);
    MOTE_TRY(std::move(family).finish());
    Reader own(core_table, core_path);
    core.description = own.text("description");
    core.isas.names = own.texts("isa");
    std::ranges::copy(own.texts("flags"), std::back_inserter(core.flags));
    std::ranges::copy(own.texts("sources"), std::back_inserter(core.sources));
    MOTE_TRY(std::move(own).finish());
    return core;
  }
  return unknown("core", name, core_names());
}

Result<Board> load_board(std::string_view name_or_path) {
  if (const auto text = find_resource(fmt::format("{}{}/{}", kBoards, name_or_path, kBoardFile))) {
    return read_board(*text, std::string(name_or_path), fmt::format("board {}", name_or_path));
  }
  const fs::path folder(name_or_path);
  std::error_code code;
  const bool is_folder = !name_or_path.empty() && fs::is_directory(folder, code);
  if (!is_folder && name_or_path.find('/') == std::string_view::npos)
    return unknown("board", name_or_path, board_names());
  if (!is_folder) return Error{"no such board folder", folder.string(), "check the path"};
  const fs::path file = folder / kBoardFile;
  MOTE_LET(text, read_text_file(file));
  const fs::path absolute = fs::absolute(folder).lexically_normal();
  const fs::path name = absolute.has_filename() ? absolute.filename() : absolute.parent_path().filename();
  return read_board(text, name.string(), file.string());
}

}  // namespace mote
