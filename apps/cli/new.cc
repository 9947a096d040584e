// mote new: a folder to begin with.
#include <fmt/format.h>

#include "apps/cli/commands.h"
#include "host/project/project.h"

namespace mote::cli {

void add_new(CLI::App& app, Action& chosen) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("new", "Make a project: a folder with a mote.toml that explains every setting.");
  command->add_option("folder", *folder, "The folder")->required();
  command->callback([folder, &chosen] {
    chosen = [folder]() -> Status {
      MOTE_TRY(create_project(*folder));
      fmt::print("made {}/{}; next: mote data import RECORDINGS --project {}\n", *folder, kProjectFile, *folder);
      return {};
    };
  });
}

}  // namespace mote::cli
