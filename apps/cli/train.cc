// mote train: becomes mote-train, the program beside this one that links libtorch.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "apps/cli/commands.h"

namespace mote::cli {

void add_train(CLI::App& app, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "train", "Train the model of a project, quantise it and write it as .tflite; `mote train --help` says more.");
  command->prefix_command();  // mote-train parses what follows
  command->set_help_flag();
  command->callback([command, &chosen] {
    chosen = [arguments = command->remaining()]() -> Status {
      std::error_code code;
      const std::filesystem::path program =
          std::filesystem::read_symlink("/proc/self/exe", code).parent_path() / "mote-train";
      std::vector<std::string> words = {program.string()};
      words.insert(words.end(), arguments.begin(), arguments.end());
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      return Error{fmt::format("cannot be started: {}", std::strerror(errno)), program.string(),
                   "install libtorch-dev and build mote again: training is a program of its own"};
    };
  });
}

}  // namespace mote::cli
