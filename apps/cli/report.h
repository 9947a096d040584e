// The command that writes a page about a project.
#pragma once

#include "apps/cli/commands.h"

namespace mote::cli {

void add_report(CLI::App& app, Action& chosen);

}  // namespace mote::cli
