// mote boards: where models can run, and what each board needs.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "host/base/process.h"
#include "host/emulate/board.h"

namespace mote::cli {
namespace {

struct Need {
  std::string program;
  std::string package;
  bool found = false;
};

std::vector<Need> needs_of(const Board& board) {
  std::vector<Need> needs = {
      {board.core.compiler, board.core.package, find_program(board.core.compiler, board.core.package).ok()}};
  if (board.emulator) {
    needs.push_back({board.emulator->program, board.emulator->package,
                     find_program(board.emulator->program, board.emulator->package).ok()});
  }
  return needs;
}

nlohmann::json json_of(const Board& board) {
  nlohmann::json out = {{"name", board.name},
                        {"description", board.description},
                        {"core", board.core.name},
                        {"isas", board.core.isas.names}};
  if (board.flash) out["flash_bytes"] = board.flash->bytes;
  if (board.ram) out["ram_bytes"] = board.ram->bytes;
  for (const Need& need : needs_of(board)) {
    out["needs"].push_back({{"program", need.program}, {"package", need.package}, {"found", need.found}});
  }
  return out;
}

std::string size_text(const std::optional<Region>& region) {
  return region ? fmt::format("{} KiB", region->bytes / 1024) : std::string("-");
}

Status boards(bool json) {
  nlohmann::json list = nlohmann::json::array();
  if (!json) fmt::print("{:<16} {:<12} {:>10} {:>10}  {}\n", "board", "core", "flash", "ram", "needs");
  for (const std::string& name : board_names()) {
    MOTE_LET(board, load_board(name));
    if (json) {
      list.push_back(json_of(board));
      continue;
    }
    std::string needs;
    for (const Need& need : needs_of(board)) {
      needs += fmt::format("{}{}{}", needs.empty() ? "" : ", ", need.program,
                           need.found ? "" : fmt::format(" (missing: apt-get install {})", need.package));
    }
    fmt::print("{:<16} {:<12} {:>10} {:>10}  {}\n{:<16} {}\n", board.name, board.core.name, size_text(board.flash),
               size_text(board.ram), needs, "", board.description);
  }
  if (json) fmt::print("{}\n", list.dump(2));
  return {};
}

}  // namespace

void add_boards(CLI::App& app, Action& chosen) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("boards", "List the boards, and what each needs on this computer.");
  command->add_flag("--json", *json, "Print JSON instead");
  command->callback([json, &chosen] { chosen = [json] { return boards(*json); }; });
}

}  // namespace mote::cli
