// mote renode: files that run a program in Renode, for those who have it.
#include <fmt/format.h>

#include <filesystem>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/emulate/elf.h"
#include "host/emulate/program.h"
#include "host/emulate/renode.h"

namespace mote::cli {
namespace {

struct Options {
  std::string program;
  std::string board = "mps2-an386";
  std::string symbol = "main";
  std::string folder = ".";
};

Status write_renode(const Options& options) {
  MOTE_LET(board, load_board(options.board));
  MOTE_LET(elf, read_elf(options.program));
  MOTE_LET(address, find_address(elf, options.symbol, options.program));
  const std::filesystem::path program(options.program);
  const std::string name = program.stem().string();
  MOTE_LET(files, renode_files(board, name, program.filename().string(), options.symbol));
  const std::filesystem::path folder(options.folder);
  MOTE_TRY(write_file(folder / (name + ".repl"), files.platform));
  MOTE_TRY(write_file(folder / (name + ".resc"), files.script));
  MOTE_TRY(write_file(folder / (name + ".robot"), files.test));
  fmt::print("wrote {0}.repl, {0}.resc, {0}.robot: run to {1} ({2:#x})\n  renode {0}.resc\n  renode-test {0}.robot\n",
             (folder / name).string(), options.symbol, address);
  return {};
}

}  // namespace

void add_renode(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("renode", "Write a platform, a script and a test that run a program in Renode.");
  command->add_option("program", options->program, "An ELF program; Renode looks for it where it is started")
      ->required();
  command->add_option("--board", options->board, "Board whose core and memory the machine gets")->capture_default_str();
  command->add_option("--to", options->symbol, "Symbol that ends the run")->capture_default_str();
  command->add_option("-o,--output", options->folder, "Folder to write to")->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return write_renode(*options); }; });
}

}  // namespace mote::cli
