// mote custom, and the option --custom of commands that read models.
#pragma once

#include "apps/cli/commands.h"

namespace mote::cli {

void add_custom(CLI::App& app, Action& chosen);

// Gives --custom to the commands that read models, and loads what it names before the chosen one runs. The commands
// exist.
void add_custom_folders(CLI::App& app, Action& chosen);

}  // namespace mote::cli
